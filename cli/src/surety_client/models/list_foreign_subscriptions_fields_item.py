from enum import StrEnum


class ListForeignSubscriptionsFieldsItem(StrEnum):
    COMMAND = "command"
    DECIDED_AT = "decided_at"
    DECIDED_BY = "decided_by"
    DECISION = "decision"
    DIRECTORY_ID = "directory_id"
    ID = "id"
    IS_READ_AT_HOME = "is_read_at_home"
    NAME = "name"
    POSSIBLE_CUSTOMERS = "possible_customers"
    REASON = "reason"
    STATE = "state"
    SUBSCRIPTION_ID = "subscription_id"

    def __str__(self) -> str:
        return str(self.value)
