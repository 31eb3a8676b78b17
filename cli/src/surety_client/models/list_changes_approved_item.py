from enum import StrEnum


class ListChangesApprovedItem(StrEnum):
    DIFFERS = "differs"

    def __str__(self) -> str:
        return str(self.value)
