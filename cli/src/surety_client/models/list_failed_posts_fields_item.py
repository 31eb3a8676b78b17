from enum import StrEnum


class ListFailedPostsFieldsItem(StrEnum):
    ATTEMPTS = "attempts"
    CHANNEL = "channel"
    CREATED_AT = "created_at"
    ERROR = "error"
    EVENT = "event"
    ID = "id"
    STATUS = "status"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
