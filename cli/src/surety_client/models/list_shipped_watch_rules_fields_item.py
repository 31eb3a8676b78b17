from enum import StrEnum


class ListShippedWatchRulesFieldsItem(StrEnum):
    IS_ENABLED = "is_enabled"
    NAME = "name"
    RULE = "rule"
    SEVERITY = "severity"
    WHY = "why"

    def __str__(self) -> str:
        return str(self.value)
