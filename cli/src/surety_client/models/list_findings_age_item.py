from enum import StrEnum


class ListFindingsAgeItem(StrEnum):
    OLDER = "older"
    VALUE_0 = "30"
    VALUE_1 = "7"
    VALUE_2 = "90"

    def __str__(self) -> str:
        return str(self.value)
