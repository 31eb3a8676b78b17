from enum import StrEnum


class ListCustomerFiguresSort(StrEnum):
    ASSESSED = "assessed"
    COVERAGE = "coverage"
    CRITICAL = "critical"
    HIGH = "high"
    NAME = "name"
    OVERDUE = "overdue"
    SCORE = "score"

    def __str__(self) -> str:
        return str(self.value)
