from enum import StrEnum


class ListClientSecretsFieldsItem(StrEnum):
    BEGINNING = "beginning"
    CAPABILITIES = "capabilities"
    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"
    ID = "id"
    LAST_USED_AT = "last_used_at"
    LAST_USED_FROM = "last_used_from"
    NAME = "name"
    REVOKED_AT = "revoked_at"

    def __str__(self) -> str:
        return str(self.value)
