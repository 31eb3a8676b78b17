from enum import StrEnum


class ListChangesStateItem(StrEnum):
    EXPECTED = "expected"
    NONE = "none"
    ROLLED_BACK = "rolled_back"
    UNEXPECTED = "unexpected"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
