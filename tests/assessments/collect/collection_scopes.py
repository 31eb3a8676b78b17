"""The scope at which a test reads each collection."""

from __future__ import annotations

from assessments.estate.collection import Collection
from tests.assessments.collect.azure import guid

UNIT = guid(1)
GROUP = f"/subscriptions/{UNIT}/resourceGroups/RG-Mixed (1)/providers"
DATABASE = f"{GROUP}/Microsoft.Sql/servers/sqlOne/databases/Data Base"
# Scopes of the collections for which `scope_of` cannot derive the scope from the path and the permission.
SCOPES = {
    "load_balancers": f"/subscriptions/{UNIT}",
    "deny_assignments": f"/subscriptions/{UNIT}",
    "alerts_elsewhere": f"/subscriptions/{UNIT}",
    "visible_subscriptions": "/subscriptions",
    "backup_subscriptions": "/subscriptions",
    "recovery_vaults_elsewhere": f"/subscriptions/{UNIT}",
    "management_group_log_settings": "contoso",
    "provider_operations": "Microsoft.Compute",
    "policy_set_definitions": "1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
    "sql_audit_settings": DATABASE,
    "managed_instance_audit_settings": f"{GROUP}/Microsoft.Sql/managedInstances/miOne",
    "managed_instance_express": f"{GROUP}/Microsoft.Sql/managedInstances/miOne",
    "key_vault_key_policies": f"{GROUP}/Microsoft.KeyVault/vaults/kvOne/keys/one",
    "key_vault_log_settings": f"{GROUP}/Microsoft.KeyVault/vaults/kvOne",
    "resource_log_settings": f"{GROUP}/Microsoft.ServiceBus/namespaces/sbOne",
    "storage_log_settings": f"{GROUP}/Microsoft.Storage/storageAccounts/stOne/blobServices/default",
    "mysql_log_settings": f"{GROUP}/Microsoft.DBforMySQL/flexibleServers/dbOne",
    "network_provider": f"/subscriptions/{UNIT}",
    "web_app_log_settings": f"{GROUP}/Microsoft.Web/sites/appOne",
    "databricks_details": f"{GROUP}/Microsoft.Databricks/workspaces/dbwOne",
    "databricks_log_settings": f"{GROUP}/Microsoft.Databricks/workspaces/dbwOne",
    "ai_details": f"{GROUP}/Microsoft.CognitiveServices/accounts/aiOne",
    "vpn_gateways": f"{GROUP}/Microsoft.Network/virtualNetworkGateways/gwOne",
    "synapse_details": f"{GROUP}/Microsoft.Synapse/workspaces/synOne",
    "web_stacks": "",
    "function_stacks": "",
}


def scope_of(collection: Collection) -> str:
    if collection.targets is None or collection.only_if_listed:
        return f"/subscriptions/{UNIT}"
    if collection.name in SCOPES:
        return SCOPES[collection.name]
    provider, *types = collection.permission.removesuffix("/read").split("/")
    below = collection.path.removeprefix("{scope}").split("/")
    parents = [name for name in types if name not in below]
    is_derivable = bool(parents) and "providers" not in below
    assert is_derivable, f"add the scope of {collection.name} to SCOPES"
    return "/".join([GROUP, provider, *(f"{name}/One & two, {name}" for name in parents)])
