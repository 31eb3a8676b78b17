from enum import StrEnum


class ListFindingsSectionItem(StrEnum):
    AKS = "aks"
    APIM = "apim"
    APPCONFIG = "appconfig"
    AUTOMATION = "automation"
    COSMOS = "cosmos"
    DATABASE = "database"
    DATAFACTORY = "datafactory"
    DEFENDER = "defender"
    EVENTHUB = "eventhub"
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
    SERVICEBUS = "servicebus"
    SQL = "sql"
    STORAGE = "storage"
    VM = "vm"
    WEBAPP = "webapp"

    def __str__(self) -> str:
        return str(self.value)
