from enum import StrEnum


class ListRequirementsCoverageItem(StrEnum):
    ATTESTED = "attested"
    JUDGED = "judged"
    NOT_COVERED = "not_covered"
    PARTLY_JUDGED = "partly_judged"

    def __str__(self) -> str:
        return str(self.value)
