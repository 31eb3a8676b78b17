from enum import StrEnum


class ListBulkJobsStateItem(StrEnum):
    CANCELLED = "cancelled"
    FINISHED = "finished"
    RUNNING = "running"
    STOPPED = "stopped"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
