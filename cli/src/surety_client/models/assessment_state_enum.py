from enum import StrEnum


class AssessmentStateEnum(StrEnum):
    CANCELLED = "cancelled"
    FINISHED = "finished"
    QUEUED = "queued"
    RUNNING = "running"

    def __str__(self) -> str:
        return str(self.value)
