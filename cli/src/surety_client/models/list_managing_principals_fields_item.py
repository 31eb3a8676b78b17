from enum import StrEnum


class ListManagingPrincipalsFieldsItem(StrEnum):
    CLIENT_ID = "client_id"
    CLOUD = "cloud"
    CREATED_AT = "created_at"
    DIRECTORY_ID = "directory_id"
    DISABLED_AT = "disabled_at"
    ERROR = "error"
    ERROR_CODE = "error_code"
    EXPIRES_AT = "expires_at"
    ID = "id"
    KIND = "kind"
    LAST_CHECKED_AT = "last_checked_at"
    NAME = "name"
    ROTATED_AT = "rotated_at"
    THUMBPRINT = "thumbprint"

    def __str__(self) -> str:
        return str(self.value)
