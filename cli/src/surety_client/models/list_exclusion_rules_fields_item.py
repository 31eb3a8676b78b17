from enum import StrEnum


class ListExclusionRulesFieldsItem(StrEnum):
    CREATED_AT = "created_at"
    ID = "id"
    MANAGEMENT_GROUP = "management_group"
    NAME = "name"
    REASON = "reason"
    SUBSCRIPTIONS = "subscriptions"
    TAG = "tag"
    UNTIL = "until"

    def __str__(self) -> str:
        return str(self.value)
