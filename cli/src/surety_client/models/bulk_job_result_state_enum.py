from enum import StrEnum


class BulkJobResultStateEnum(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
