from enum import StrEnum


class ListFindingsSort(StrEnum):
    AGE = "age"
    DUE = "due"
    NEW = "new"
    SEVERITY = "severity"
    SUBJECT = "subject"

    def __str__(self) -> str:
        return str(self.value)
