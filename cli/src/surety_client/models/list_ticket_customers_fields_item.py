from enum import StrEnum


class ListTicketCustomersFieldsItem(StrEnum):
    CUSTOMER = "customer"
    PROJECT = "project"

    def __str__(self) -> str:
        return str(self.value)
