from enum import StrEnum


class RuleEnum(StrEnum):
    ADDRESSES = "addresses"
    APPROVED = "approved"
    DIAGNOSTICS = "diagnostics"
    EXPOSURE = "exposure"
    FIREWALL = "firewall"
    LOCKS = "locks"
    ROLES = "roles"
    WORSENED = "worsened"

    def __str__(self) -> str:
        return str(self.value)
