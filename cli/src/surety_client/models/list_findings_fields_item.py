from enum import StrEnum


class ListFindingsFieldsItem(StrEnum):
    ACKNOWLEDGED_BY = "acknowledged_by"
    ATTESTED_UNTIL = "attested_until"
    CONTROL = "control"
    DUE = "due"
    EVIDENCE = "evidence"
    EXCEPTION = "exception"
    EXCEPTION_UNTIL = "exception_until"
    EXPECTED = "expected"
    FAILING_SINCE = "failing_since"
    FIRST_SEEN = "first_seen"
    FIX = "fix"
    FOUND = "found"
    ID = "id"
    KNOWN_WITH = "known_with"
    OBSERVED = "observed"
    OWNER = "owner"
    OWNER_EMAIL = "owner_email"
    PLAN = "plan"
    PLANNED_FOR = "planned_for"
    REQUIREMENTS = "requirements"
    RESOURCE_GROUP = "resource_group"
    RESOURCE_TYPE = "resource_type"
    SECTION = "section"
    SEVERITY = "severity"
    STATE = "state"
    SUBJECT = "subject"
    SUBJECT_NAME = "subject_name"
    TITLE = "title"
    UNIT_NAME = "unit_name"
    UNIT_READ = "unit_read"
    VERDICT = "verdict"
    VERDICT_SINCE = "verdict_since"

    def __str__(self) -> str:
        return str(self.value)
