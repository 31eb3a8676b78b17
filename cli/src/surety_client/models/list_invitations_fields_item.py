from enum import StrEnum


class ListInvitationsFieldsItem(StrEnum):
    ACCESS_FROM = "access_from"
    ACCESS_UNTIL = "access_until"
    CREATED_AT = "created_at"
    EMAIL = "email"
    EXPIRES_AT = "expires_at"
    ID = "id"
    INVITED_BY = "invited_by"
    REVIEW_FIRST = "review_first"
    REVIEW_LAST = "review_last"
    ROLE = "role"

    def __str__(self) -> str:
        return str(self.value)
