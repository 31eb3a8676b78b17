from enum import StrEnum


class WatchEnum(StrEnum):
    DEFAULT = "default"
    OFF = "off"
    ON = "on"

    def __str__(self) -> str:
        return str(self.value)
