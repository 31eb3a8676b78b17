from enum import StrEnum


class ListResourcesFindingsItem(StrEnum):
    OPEN = "open"

    def __str__(self) -> str:
        return str(self.value)
