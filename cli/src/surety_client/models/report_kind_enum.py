from enum import StrEnum


class ReportKindEnum(StrEnum):
    CHANGES = "changes"
    EXCEPTIONS = "exceptions"
    EXECUTIVE = "executive"
    FRAMEWORK = "framework"
    FULL = "full"
    PERIOD = "period"

    def __str__(self) -> str:
        return str(self.value)
