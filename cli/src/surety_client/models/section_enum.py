from enum import StrEnum


class SectionEnum(StrEnum):
    AKS = "aks"
    COSMOS = "cosmos"
    DATABASE = "database"
    DEFENDER = "defender"
    FUNCTION = "function"
    IDENTITY = "identity"
    KEYVAULT = "keyvault"
    LOCK = "lock"
    LOGGING = "logging"
    MONITORING = "monitoring"
    MYSQL = "mysql"
    NETWORK = "network"
    OPERATIONS = "operations"
    POSTGRESQL = "postgresql"
    SQL = "sql"
    STORAGE = "storage"
    VM = "vm"
    WEBAPP = "webapp"

    def __str__(self) -> str:
        return str(self.value)
