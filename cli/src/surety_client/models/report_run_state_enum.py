from enum import StrEnum


class ReportRunStateEnum(StrEnum):
    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
