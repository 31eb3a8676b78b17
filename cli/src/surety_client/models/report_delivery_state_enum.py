from enum import StrEnum


class ReportDeliveryStateEnum(StrEnum):
    FAILED = "failed"
    SENT = "sent"
    STOPPED = "stopped"
    WAITING = "waiting"

    def __str__(self) -> str:
        return str(self.value)
