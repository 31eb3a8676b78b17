from enum import StrEnum


class ChangeKindEnum(StrEnum):
    CHANGED = "changed"
    CREATED = "created"
    DELETED = "deleted"
    OPERATION = "operation"

    def __str__(self) -> str:
        return str(self.value)
