from enum import StrEnum


class OriginEnum(StrEnum):
    API = "api"
    FOLDER = "folder"
    PAGE = "page"

    def __str__(self) -> str:
        return str(self.value)
