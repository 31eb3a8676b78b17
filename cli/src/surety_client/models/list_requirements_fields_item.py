from enum import StrEnum


class ListRequirementsFieldsItem(StrEnum):
    ASSESSMENT = "assessment"
    CONTROLS = "controls"
    COVERAGE = "coverage"
    LEVEL = "level"
    MISSING = "missing"
    NUMBER = "number"
    SECTION = "section"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
