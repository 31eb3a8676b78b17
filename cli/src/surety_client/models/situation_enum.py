from enum import StrEnum


class SituationEnum(StrEnum):
    DELETED = "deleted"
    EXCLUDED = "excluded"
    FOREIGN = "foreign"
    INCLUDED = "included"
    NO_RESOURCES = "no_resources"
    VANISHED = "vanished"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
