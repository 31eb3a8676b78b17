from enum import StrEnum


class ListMembersFieldsItem(StrEnum):
    CONFIRMATION = "confirmation"
    ID = "id"
    IN_ORGANIZATION = "in_organization"
    IS_ACTIVE = "is_active"
    LAST_SEEN_AT = "last_seen_at"
    PERSON = "person"
    REVIEW_FIRST = "review_first"
    REVIEW_LAST = "review_last"
    ROLE = "role"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"

    def __str__(self) -> str:
        return str(self.value)
