from enum import StrEnum


class LastOutcomeEnum(StrEnum):
    CAUGHT_UP = "caught_up"
    NO_PRINCIPAL = "no_principal"
    PAUSED = "paused"
    RUNNING = "running"
    STARTED = "started"

    def __str__(self) -> str:
        return str(self.value)
