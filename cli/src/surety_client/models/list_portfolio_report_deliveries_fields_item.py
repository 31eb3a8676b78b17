from enum import StrEnum


class ListPortfolioReportDeliveriesFieldsItem(StrEnum):
    ADDRESS = "address"
    ATTEMPTS = "attempts"
    CREATED_AT = "created_at"
    ERROR = "error"
    ID = "id"
    PERSON = "person"
    REPORT = "report"
    SCHEDULE = "schedule"
    SENT_AT = "sent_at"
    STATE = "state"

    def __str__(self) -> str:
        return str(self.value)
