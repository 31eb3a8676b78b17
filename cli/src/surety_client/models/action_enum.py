from enum import StrEnum


class ActionEnum(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    ATTEST = "attest"
    CLAIM = "claim"
    REQUEST_EXCEPTION = "request-exception"

    def __str__(self) -> str:
        return str(self.value)
