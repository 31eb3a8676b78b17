from enum import StrEnum


class ListFailedMailsFieldsItem(StrEnum):
    ATTEMPTS = "attempts"
    CREATED_AT = "created_at"
    ERROR = "error"
    EVENT = "event"
    ID = "id"
    PERSON = "person"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
