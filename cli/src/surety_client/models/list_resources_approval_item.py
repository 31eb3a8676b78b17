from enum import StrEnum


class ListResourcesApprovalItem(StrEnum):
    APPROVED = "approved"
    DIFFERS = "differs"

    def __str__(self) -> str:
        return str(self.value)
