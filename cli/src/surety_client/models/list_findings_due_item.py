from enum import StrEnum


class ListFindingsDueItem(StrEnum):
    LATER = "later"
    NONE = "none"
    OVERDUE = "overdue"
    VALUE_0 = "30"
    VALUE_1 = "7"

    def __str__(self) -> str:
        return str(self.value)
