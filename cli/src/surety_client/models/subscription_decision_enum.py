from enum import StrEnum


class SubscriptionDecisionEnum(StrEnum):
    ASSIGNED = "assigned"
    EXCLUDED = "excluded"

    def __str__(self) -> str:
        return str(self.value)
