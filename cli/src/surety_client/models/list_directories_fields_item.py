from enum import StrEnum


class ListDirectoriesFieldsItem(StrEnum):
    CLOUD = "cloud"
    CREATED_AT = "created_at"
    DIRECTORY_ID = "directory_id"
    ID = "id"
    NAME = "name"

    def __str__(self) -> str:
        return str(self.value)
