from enum import StrEnum


class PerEnum(StrEnum):
    CONTROL = "control"
    FINDING = "finding"

    def __str__(self) -> str:
        return str(self.value)
