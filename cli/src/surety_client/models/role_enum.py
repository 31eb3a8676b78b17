from enum import StrEnum


class RoleEnum(StrEnum):
    APPROVER = "approver"
    AUDITOR = "auditor"
    ORGANIZATION_ADMINISTRATOR = "organization_administrator"
    ORGANIZATION_ENGINEER = "organization_engineer"
    OWNER = "owner"
    TENANT_ADMINISTRATOR = "tenant_administrator"

    def __str__(self) -> str:
        return str(self.value)
