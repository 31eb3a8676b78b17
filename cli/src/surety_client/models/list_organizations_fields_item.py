from enum import StrEnum


class ListOrganizationsFieldsItem(StrEnum):
    CAPABILITIES = "capabilities"
    CREATED_AT = "created_at"
    ID = "id"
    NAME = "name"
    SHORT_NAME = "short_name"
    TIME_ZONE = "time_zone"

    def __str__(self) -> str:
        return str(self.value)
