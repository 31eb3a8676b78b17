from enum import StrEnum


class ListOrganizationReportSchedulesFieldsItem(StrEnum):
    ADDRESSES = "addresses"
    CLASSIFICATION = "classification"
    CUSTOMERS = "customers"
    FRAMEWORK = "framework"
    ID = "id"
    IS_ENABLED = "is_enabled"
    KIND = "kind"
    LABEL = "label"
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
