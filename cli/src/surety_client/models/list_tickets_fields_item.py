from enum import StrEnum


class ListTicketsFieldsItem(StrEnum):
    CLOSED_AT = "closed_at"
    COMMENT_COUNT = "comment_count"
    CONTROL = "control"
    FINDING = "finding"
    ID = "id"
    IS_WANTED = "is_wanted"
    KEY = "key"
    KIND = "kind"
    OPENED_AT = "opened_at"
    READ_AT = "read_at"
    READ_FAILED_AT = "read_failed_at"
    STATE = "state"
    STATUS = "status"
    URL = "url"

    def __str__(self) -> str:
        return str(self.value)
