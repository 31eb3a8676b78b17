from enum import StrEnum


class ReviewEnum(StrEnum):
    EXPECTED = "expected"
    ROLLED_BACK = "rolled_back"
    UNEXPECTED = "unexpected"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
