from enum import StrEnum


class ListAttestationsFieldsItem(StrEnum):
    ANSWER = "answer"
    CONTROL = "control"
    ID = "id"
    OWNER = "owner"
    QUESTION = "question"
    SEVERITY = "severity"
    STANDING = "standing"
    SUBJECT = "subject"
    SUBJECT_NAME = "subject_name"
    TITLE = "title"
    UNIT_NAME = "unit_name"

    def __str__(self) -> str:
        return str(self.value)
