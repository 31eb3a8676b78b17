from enum import StrEnum


class ListCampaignsFieldsItem(StrEnum):
    CONTROL = "control"
    CUSTOMERS = "customers"
    DUE_ON = "due_on"
    ENDED_AT = "ended_at"
    ID = "id"
    NOTE = "note"
    OWNER = "owner"
    STARTED_AT = "started_at"
    STARTED_BY = "started_by"
    TO_NOTIFY = "to_notify"

    def __str__(self) -> str:
        return str(self.value)
