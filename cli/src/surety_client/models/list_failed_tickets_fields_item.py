from enum import StrEnum


class ListFailedTicketsFieldsItem(StrEnum):
    ATTEMPTS = "attempts"
    CODE = "code"
    CONTROL = "control"
    CUSTOMER = "customer"
    ERROR = "error"
    FINDING = "finding"
    ID = "id"
    IS_WANTED = "is_wanted"
    KEY = "key"
    PROJECT = "project"
    SYSTEM = "system"
    TRIED_AT = "tried_at"

    def __str__(self) -> str:
        return str(self.value)
