from enum import StrEnum


class ListCustomerFiguresFieldsItem(StrEnum):
    ASSESSED_AT = "assessed_at"
    COVERAGE = "coverage"
    CRITICAL = "critical"
    HIGH = "high"
    IS_KNOWN = "is_known"
    NAME = "name"
    OVERDUE = "overdue"
    SCORE = "score"
    SHORT_NAME = "short_name"
    TO_ATTEST = "to_attest"
    UNDECIDED_EXCEPTIONS = "undecided_exceptions"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
