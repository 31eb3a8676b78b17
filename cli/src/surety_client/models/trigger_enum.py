from enum import StrEnum


class TriggerEnum(StrEnum):
    MANUAL = "manual"
    RETRY = "retry"
    SCHEDULE = "schedule"
    WATCH = "watch"
    WATCH_FULL = "watch_full"

    def __str__(self) -> str:
        return str(self.value)
