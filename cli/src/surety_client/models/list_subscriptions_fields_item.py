from enum import StrEnum


class ListSubscriptionsFieldsItem(StrEnum):
    DIRECTORY_ID = "directory_id"
    DISCOVERED_AT = "discovered_at"
    EXCLUDED_UNTIL = "excluded_until"
    EXCLUSION_REASON = "exclusion_reason"
    ID = "id"
    IS_DELEGATED = "is_delegated"
    LAST_SEEN_AT = "last_seen_at"
    MANAGEMENT_GROUPS = "management_groups"
    NAME = "name"
    REMARK = "remark"
    SERVICE_PRINCIPAL = "service_principal"
    SITUATION = "situation"
    STATE = "state"
    SUBSCRIPTION_ID = "subscription_id"
    TAGS = "tags"
    WHY_NOT_ASSESSED = "why_not_assessed"

    def __str__(self) -> str:
        return str(self.value)
