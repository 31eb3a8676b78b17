from enum import StrEnum


class ResultEnum(StrEnum):
    ATTESTED = "attested"
    EXCEPTED = "excepted"
    FAILED = "failed"
    MET = "met"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"
    NOT_COVERED = "not_covered"
    PARTLY = "partly"
    UNANSWERED = "unanswered"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
