from enum import StrEnum


class ListAttestationsAnswerItem(StrEnum):
    CHANGED = "changed"
    ENDING = "ending"
    LAPSED = "lapsed"
    NEVER = "never"
    NOT_MET = "not_met"
    REOPENED = "reopened"
    VALID = "valid"

    def __str__(self) -> str:
        return str(self.value)
