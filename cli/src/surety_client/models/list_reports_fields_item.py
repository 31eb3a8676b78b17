from enum import StrEnum


class ListReportsFieldsItem(StrEnum):
    ASSESSMENT = "assessment"
    AS_OF = "as_of"
    CREATED_AT = "created_at"
    ERROR = "error"
    FRAMEWORK = "framework"
    KIND = "kind"
    LANGUAGE = "language"
    LEVEL = "level"
    NUMBER = "number"
    REVOKED_AT = "revoked_at"
    REVOKED_BECAUSE = "revoked_because"
    SHA256 = "sha256"
    SIZE = "size"
    STATE = "state"
    SUPERSEDED_BY = "superseded_by"

    def __str__(self) -> str:
        return str(self.value)
