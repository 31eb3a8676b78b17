from enum import StrEnum


class ServicePrincipalKindEnum(StrEnum):
    CERTIFICATE = "certificate"
    FEDERATED = "federated"
    MANAGED_IDENTITY = "managed_identity"
    SECRET = "secret"

    def __str__(self) -> str:
        return str(self.value)
