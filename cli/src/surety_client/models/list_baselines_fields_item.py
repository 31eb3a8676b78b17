from enum import StrEnum


class ListBaselinesFieldsItem(StrEnum):
    CHANGED_AT = "changed_at"
    CHANGED_BY = "changed_by"
    CHANNELS = "channels"
    CUSTOMERS = "customers"
    DUE_DAYS = "due_days"
    EXCEPTION_CAP_DAYS = "exception_cap_days"
    ID = "id"
    LABEL = "label"
    NAME = "name"
    OWNER_RULES = "owner_rules"
    PARAMETERS = "parameters"
    PROFILE = "profile"
    RETENTION = "retention"
    SCHEDULE = "schedule"
    SHIPPED_WATCH_RULES = "shipped_watch_rules"
    WATCH_RULES = "watch_rules"

    def __str__(self) -> str:
        return str(self.value)
