from enum import StrEnum


class ScheduledReportKindEnum(StrEnum):
    CHANGES = "changes"
    EXCEPTIONS = "exceptions"
    EXECUTIVE = "executive"
    FRAMEWORK = "framework"
    FULL = "full"
    PERIOD = "period"
    PORTFOLIO = "portfolio"

    def __str__(self) -> str:
        return str(self.value)
