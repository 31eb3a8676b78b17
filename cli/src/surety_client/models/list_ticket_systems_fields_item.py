from enum import StrEnum


class ListTicketSystemsFieldsItem(StrEnum):
    ADDRESS = "address"
    CREATED_AT = "created_at"
    HAS_CREDENTIALS = "has_credentials"
    ID = "id"
    IS_ENABLED = "is_enabled"
    KIND = "kind"
    NAME = "name"
    PROJECT = "project"
    VALUES = "values"

    def __str__(self) -> str:
        return str(self.value)
