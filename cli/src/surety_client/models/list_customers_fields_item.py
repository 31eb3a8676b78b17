from enum import StrEnum


class ListCustomersFieldsItem(StrEnum):
    ARCHIVED_AT = "archived_at"
    CAPABILITIES = "capabilities"
    ID = "id"
    LABELS = "labels"
    NAME = "name"
    ORGANIZATION = "organization"
    SHORT_NAME = "short_name"
    TIME_ZONE = "time_zone"

    def __str__(self) -> str:
        return str(self.value)
