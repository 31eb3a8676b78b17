from enum import StrEnum


class ListOwnControlsFieldsItem(StrEnum):
    CHANGED_AT = "changed_at"
    CONTROL = "control"
    DRAFT = "draft"
    ID = "id"
    REASON = "reason"
    STATE = "state"
    TEXT = "text"
    VERSION = "version"

    def __str__(self) -> str:
        return str(self.value)
