from enum import StrEnum


class ListAttestationsOwnerItem(StrEnum):
    ME = "me"

    def __str__(self) -> str:
        return str(self.value)
