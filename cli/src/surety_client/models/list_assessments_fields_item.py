from enum import StrEnum


class ListAssessmentsFieldsItem(StrEnum):
    CANCEL_REQUESTED_AT = "cancel_requested_at"
    CREATED_AT = "created_at"
    ENDED_AT = "ended_at"
    NUMBER = "number"
    PRODUCT_VERSION = "product_version"
    STARTED_AT = "started_at"
    STATE = "state"
    TRIGGER = "trigger"
    UNITS_ENDED = "units_ended"
    UNITS_TOTAL = "units_total"

    def __str__(self) -> str:
        return str(self.value)
