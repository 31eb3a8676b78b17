from enum import StrEnum


class ListExceptionsFieldsItem(StrEnum):
    CHANGED = "changed"
    COMPENSATING_CONTROL = "compensating_control"
    DECIDED_AT = "decided_at"
    DECIDED_BY = "decided_by"
    DECISION_NOTE = "decision_note"
    ENDED_AT = "ended_at"
    ENDED_BY = "ended_by"
    ENDS_AT = "ends_at"
    END_NOTE = "end_note"
    FINDINGS = "findings"
    ID = "id"
    MAXIMUM = "maximum"
    NUMBER = "number"
    REASON = "reason"
    REQUESTED_AT = "requested_at"
    REQUESTED_BY = "requested_by"
    RETURNED_AT = "returned_at"
    RETURNED_BECAUSE = "returned_because"
    RULE = "rule"
    SCOPE = "scope"
    STARTS_AT = "starts_at"
    STATE = "state"

    def __str__(self) -> str:
        return str(self.value)
