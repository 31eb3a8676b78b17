from enum import StrEnum


class ListBulkJobResultsFieldsItem(StrEnum):
    DONE_AT = "done_at"
    FINDING = "finding"
    REASON = "reason"
    REASON_CODE = "reason_code"
    STATE = "state"

    def __str__(self) -> str:
        return str(self.value)
