from enum import StrEnum


class ReturnedBecauseEnum(StrEnum):
    CHANGED = "changed"
    GROWN = "grown"

    def __str__(self) -> str:
        return str(self.value)
