from enum import StrEnum


class CheckStateEnum(StrEnum):
    FINISHED = "finished"
    LOST = "lost"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
