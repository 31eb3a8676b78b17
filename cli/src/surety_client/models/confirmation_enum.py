from enum import StrEnum


class ConfirmationEnum(StrEnum):
    CONFIRMED = "confirmed"
    EARLIER = "earlier"
    NOT_NEEDED = "not_needed"
    OPERATOR = "operator"
    REFUSED = "refused"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
