from enum import StrEnum


class WhenEnum(StrEnum):
    INTERNET = "internet"
    SECRETS = "secrets"
    TAG = "tag"

    def __str__(self) -> str:
        return str(self.value)
