from enum import StrEnum


class ListPlannedChangesFieldsItem(StrEnum):
    ACTORS = "actors"
    CANCELLED_AT = "cancelled_at"
    CREATED_AT = "created_at"
    CREATED_BY = "created_by"
    ENDS_AT = "ends_at"
    EXPECTED = "expected"
    GROUPS = "groups"
    ID = "id"
    NAME = "name"
    STARTS_AT = "starts_at"
    TICKET = "ticket"
    TYPES = "types"
    UNITS = "units"

    def __str__(self) -> str:
        return str(self.value)
