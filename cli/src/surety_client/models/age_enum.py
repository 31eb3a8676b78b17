from enum import StrEnum


class AgeEnum(StrEnum):
    OLDER = "older"
    VALUE_0 = "7"
    VALUE_1 = "30"
    VALUE_2 = "90"

    def __str__(self) -> str:
        return str(self.value)
