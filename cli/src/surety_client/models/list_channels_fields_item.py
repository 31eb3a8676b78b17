from enum import StrEnum


class ListChannelsFieldsItem(StrEnum):
    CREATED_AT = "created_at"
    DISABLED_BECAUSE = "disabled_because"
    EVENTS = "events"
    HOST = "host"
    ID = "id"
    IS_ENABLED = "is_enabled"
    KIND = "kind"
    NAME = "name"

    def __str__(self) -> str:
        return str(self.value)
