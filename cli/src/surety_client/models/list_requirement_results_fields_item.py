from enum import StrEnum


class ListRequirementResultsFieldsItem(StrEnum):
    ASSESSMENT = "assessment"
    CONTROLS = "controls"
    COVERAGE = "coverage"
    FINDINGS = "findings"
    LEVEL = "level"
    MISSING = "missing"
    NUMBER = "number"
    RESULT = "result"
    SECTION = "section"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
