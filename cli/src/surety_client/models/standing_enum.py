from enum import StrEnum


class StandingEnum(StrEnum):
    CHANGED = "changed"
    ENDING = "ending"
    LAPSED = "lapsed"
    NEVER = "never"
    NOT_MET = "not_met"
    REOPENED = "reopened"
    VALID = "valid"

    def __str__(self) -> str:
        return str(self.value)
