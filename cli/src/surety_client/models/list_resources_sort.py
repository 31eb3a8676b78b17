from enum import StrEnum


class ListResourcesSort(StrEnum):
    CHANGED = "changed"
    NAME = "name"

    def __str__(self) -> str:
        return str(self.value)
