from enum import StrEnum


class SignInStateEnum(StrEnum):
    LOST = "lost"
    REFUSED = "refused"
    SUCCEEDED = "succeeded"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
