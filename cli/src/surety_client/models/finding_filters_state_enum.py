from enum import StrEnum


class FindingFiltersStateEnum(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    ATTESTED = "attested"
    EXCEPTED = "excepted"
    GONE = "gone"
    LAPSED = "lapsed"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"
    NOT_MET = "not_met"
    OPEN = "open"
    PASSING = "passing"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
