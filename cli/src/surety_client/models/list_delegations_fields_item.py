from enum import StrEnum


class ListDelegationsFieldsItem(StrEnum):
    CUSTOMER = "customer"
    DECIDED_AT = "decided_at"
    DECIDED_BY = "decided_by"
    DECISION = "decision"
    DIRECTORY_ID = "directory_id"
    ID = "id"
    IS_PARTIAL = "is_partial"
    IS_READ = "is_read"
    MANAGING_PRINCIPAL = "managing_principal"
    NAME = "name"
    POSSIBLE_CUSTOMERS = "possible_customers"
    REASON = "reason"
    STATE = "state"
    SUBSCRIPTION_ID = "subscription_id"
    WHY_UNREAD = "why_unread"

    def __str__(self) -> str:
        return str(self.value)
