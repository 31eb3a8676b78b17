from enum import StrEnum


class ListFrameworksFieldsItem(StrEnum):
    FRAMEWORK = "framework"
    NAME = "name"
    REQUIREMENTS = "requirements"
    SOURCE = "source"
    TITLE = "title"

    def __str__(self) -> str:
        return str(self.value)
