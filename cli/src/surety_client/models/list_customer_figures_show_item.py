from enum import StrEnum


class ListCustomerFiguresShowItem(StrEnum):
    APPROVE = "approve"
    CREDENTIALS = "credentials"
    CRITICAL = "critical"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"
    UNREAD = "unread"

    def __str__(self) -> str:
        return str(self.value)
