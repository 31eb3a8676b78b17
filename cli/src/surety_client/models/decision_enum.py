from enum import StrEnum


class DecisionEnum(StrEnum):
    EXPECTED = "expected"
    ROLLED_BACK = "rolled_back"
    UNEXPECTED = "unexpected"

    def __str__(self) -> str:
        return str(self.value)
