from enum import StrEnum


class ScopeEnum(StrEnum):
    FINDING = "finding"
    LIST = "list"
    RULE = "rule"

    def __str__(self) -> str:
        return str(self.value)
