from enum import StrEnum


class SectionEnum(StrEnum):
    DEFENDER = "defender"
    IDENTITY = "identity"
    LOGGING = "logging"
    MONITORING = "monitoring"
    NETWORK = "network"
    OPERATIONS = "operations"
    SQL = "sql"
    STORAGE = "storage"
    VM = "vm"

    def __str__(self) -> str:
        return str(self.value)
