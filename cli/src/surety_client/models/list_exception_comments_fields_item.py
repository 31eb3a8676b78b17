from enum import StrEnum


class ListExceptionCommentsFieldsItem(StrEnum):
    AT = "at"
    AUTHOR = "author"
    BODY = "body"
    DELETED_AT = "deleted_at"
    EXCEPTION = "exception"
    ID = "id"

    def __str__(self) -> str:
        return str(self.value)
