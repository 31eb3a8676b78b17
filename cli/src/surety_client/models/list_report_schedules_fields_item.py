from enum import StrEnum


class ListReportSchedulesFieldsItem(StrEnum):
    ADDRESSES = "addresses"
    CLASSIFICATION = "classification"
    FRAMEWORK = "framework"
    ID = "id"
    IS_ENABLED = "is_enabled"
    IS_OF_ORGANIZATION = "is_of_organization"
    KIND = "kind"
    LANGUAGE = "language"
    LAST_RUN = "last_run"
    NAME = "name"
    NEXT_AT = "next_at"
    PAPER = "paper"
    PEOPLE = "people"
    TIMETABLE = "timetable"
    WHEN = "when"
    WITHOUT_NAMES = "without_names"

    def __str__(self) -> str:
        return str(self.value)
