from enum import StrEnum


class ListResourcesStateItem(StrEnum):
    DELETED = "deleted"
    PRESENT = "present"

    def __str__(self) -> str:
        return str(self.value)
