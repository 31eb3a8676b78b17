from enum import StrEnum


class SwitchOwnControlStateEnum(StrEnum):
    ACTIVE = "active"
    OFF = "off"
    RETIRED = "retired"

    def __str__(self) -> str:
        return str(self.value)
