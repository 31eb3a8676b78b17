from enum import StrEnum


class ListServiceAccountsFieldsItem(StrEnum):
    CREATED_AT = "created_at"
    CUSTOMERS = "customers"
    ID = "id"
    IS_ENABLED = "is_enabled"
    LAST_USED_AT = "last_used_at"
    NAME = "name"
    PERSON_ID = "person_id"
    PURPOSE = "purpose"
    RESPONSIBLE = "responsible"
    ROLE = "role"

    def __str__(self) -> str:
        return str(self.value)
