from enum import StrEnum


class PreflightStateEnum(StrEnum):
    FINISHED = "finished"
    LOST = "lost"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
