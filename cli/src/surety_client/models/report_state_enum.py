from enum import StrEnum


class ReportStateEnum(StrEnum):
    BUILDING = "building"
    CANCELLED = "cancelled"
    FAILED = "failed"
    READY = "ready"

    def __str__(self) -> str:
        return str(self.value)
