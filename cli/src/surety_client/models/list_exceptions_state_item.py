from enum import StrEnum


class ListExceptionsStateItem(StrEnum):
    ACTIVE = "active"
    APPROVED = "approved"
    EXPIRED = "expired"
    REFUSED = "refused"
    REQUESTED = "requested"
    RETURNED = "returned"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
