from enum import StrEnum


class ListChangesDaysItem(StrEnum):
    ALL = "all"
    VALUE_0 = "1"
    VALUE_1 = "30"
    VALUE_2 = "7"
    VALUE_3 = "90"

    def __str__(self) -> str:
        return str(self.value)
