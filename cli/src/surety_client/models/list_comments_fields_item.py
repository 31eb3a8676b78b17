from enum import StrEnum


class ListCommentsFieldsItem(StrEnum):
    AT = "at"
    AUTHOR = "author"
    BODY = "body"
    DELETED_AT = "deleted_at"
    EDITED_AT = "edited_at"
    FINDING = "finding"
    ID = "id"

    def __str__(self) -> str:
        return str(self.value)
