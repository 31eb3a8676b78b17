from enum import StrEnum


class DueEnum(StrEnum):
    LATER = "later"
    NONE = "none"
    OVERDUE = "overdue"
    VALUE_1 = "7"
    VALUE_2 = "30"

    def __str__(self) -> str:
        return str(self.value)
