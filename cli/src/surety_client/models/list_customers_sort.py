from enum import StrEnum


class ListCustomersSort(StrEnum):
    NAME = "name"

    def __str__(self) -> str:
        return str(self.value)
