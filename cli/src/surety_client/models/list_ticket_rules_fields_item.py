from enum import StrEnum


class ListTicketRulesFieldsItem(StrEnum):
    CONTROLS = "controls"
    CREATED_AT = "created_at"
    CUSTOMERS = "customers"
    ENDED_BECAUSE = "ended_because"
    ID = "id"
    IS_ENABLED = "is_enabled"
    LABELS = "labels"
    NAME = "name"
    PER = "per"
    SEVERITIES = "severities"
    SYSTEM = "system"

    def __str__(self) -> str:
        return str(self.value)
