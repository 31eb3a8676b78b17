from enum import StrEnum


class OwnControlStateEnum(StrEnum):
    ACTIVE = "active"
    DRAFT = "draft"
    OFF = "off"
    RETIRED = "retired"

    def __str__(self) -> str:
        return str(self.value)
