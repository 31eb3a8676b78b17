from enum import StrEnum


class ListChangesFieldsItem(StrEnum):
    APPROVED_AT = "approved_at"
    APPROVED_DIFFERENCES = "approved_differences"
    APPROVED_DIFFERENCE_COUNT = "approved_difference_count"
    ASSESSMENT = "assessment"
    AT = "at"
    CANDIDATES = "candidates"
    DIFFERENCES = "differences"
    DIFFERENCE_COUNT = "difference_count"
    DUE_AT = "due_at"
    ID = "id"
    KIND = "kind"
    NAME = "name"
    NOT_ATTRIBUTED = "not_attributed"
    OWNER = "owner"
    PLANNED_CHANGE = "planned_change"
    REASON = "reason"
    RESOURCE = "resource"
    RESOURCE_GROUP = "resource_group"
    RESOURCE_ID = "resource_id"
    REVIEW = "review"
    REVIEWED_AT = "reviewed_at"
    REVIEWED_BY = "reviewed_by"
    RULES = "rules"
    SEVERITY = "severity"
    SINCE = "since"
    TICKET = "ticket"
    TYPE = "type"
    UNIT_NAME = "unit_name"
    VERDICTS = "verdicts"

    def __str__(self) -> str:
        return str(self.value)
