from enum import StrEnum


class ListBulkJobsFieldsItem(StrEnum):
    ACTION = "action"
    CREATED_AT = "created_at"
    DONE = "done"
    ENDED_AT = "ended_at"
    EXCEPTION = "exception"
    FAILED = "failed"
    FILTERS = "filters"
    ID = "id"
    PARAMETERS = "parameters"
    REASON = "reason"
    REASON_CODE = "reason_code"
    REQUESTED_BY = "requested_by"
    SKIPPED = "skipped"
    STARTED_AT = "started_at"
    STATE = "state"
    TOKEN = "token"
    TOTAL = "total"
    UNDONE_AT = "undone_at"
    UNDO_UNTIL = "undo_until"

    def __str__(self) -> str:
        return str(self.value)
