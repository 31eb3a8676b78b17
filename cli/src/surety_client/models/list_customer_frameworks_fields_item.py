from enum import StrEnum


class ListCustomerFrameworksFieldsItem(StrEnum):
    FRAMEWORK = "framework"
    NAME = "name"
    REQUIREMENTS = "requirements"
    RESULTS = "results"
    SOURCE = "source"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
