from enum import StrEnum


class ListControlsFieldsItem(StrEnum):
    CONTROL = "control"
    EQUIVALENTS = "equivalents"
    EXPECTED = "expected"
    IS_MANUAL = "is_manual"
    PERMISSIONS = "permissions"
    PROBLEM = "problem"
    REQUIREMENTS = "requirements"
    SECTION = "section"
    SEVERITY = "severity"
    TITLE = "title"
    WHY = "why"

    def __str__(self) -> str:
        return str(self.value)
