from enum import StrEnum


class SectionEnum(StrEnum):
    AKS = "aks"
    APIM = "apim"
    APPCONFIG = "appconfig"
    AUTOMATION = "automation"
    COSMOS = "cosmos"
    DATABASE = "database"
    DATABRICKS = "databricks"
    DATAFACTORY = "datafactory"
    DEFENDER = "defender"
    EVENTHUB = "eventhub"
    FUNCTION = "function"
    IDENTITY = "identity"
    KEYVAULT = "keyvault"
    LOCK = "lock"
    LOGGING = "logging"
    LOGICAPP = "logicapp"
    MONITORING = "monitoring"
    MYSQL = "mysql"
    NETWORK = "network"
    OPERATIONS = "operations"
    OWN = "own"
    POSTGRESQL = "postgresql"
    RECOVERY = "recovery"
    REDIS = "redis"
    REGISTRY = "registry"
    SERVICEBUS = "servicebus"
    SQL = "sql"
    STORAGE = "storage"
    SYNAPSE = "synapse"
    VM = "vm"
    WEBAPP = "webapp"

    def __str__(self) -> str:
        return str(self.value)
