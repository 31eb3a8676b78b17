from enum import StrEnum


class ListDeletedReportsFieldsItem(StrEnum):
    DELETED_AT = "deleted_at"
    NUMBER = "number"
    REVOKED_AT = "revoked_at"
    REVOKED_BECAUSE = "revoked_because"
    SHA256 = "sha256"

    def __str__(self) -> str:
        return str(self.value)
