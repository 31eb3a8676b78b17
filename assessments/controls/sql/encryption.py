"""Controls of the encryption at rest of SQL databases and managed instances.

Properties: the models of azure-mgmt-sql 4.0.0 (TransparentDataEncryptionProperties, EncryptionProtectorProperties).
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.sql.server_settings import belongs_to_synapse
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.sql import MANAGED_INSTANCES, SQL_DATABASES, SQL_SERVERS
from assessments.estate.collections.sql_protection import (
    MANAGED_DATABASE_ENCRYPTION,
    MANAGED_DATABASES,
    MANAGED_INSTANCE_PROTECTORS,
    SQL_DATABASE_ENCRYPTION,
    SQL_ENCRYPTION_PROTECTORS,
)
from assessments.estate.gaps import Reason
from assessments.estate.sql.protection import is_user_database
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_LEARN: Final = "https://learn.microsoft.com/azure/azure-sql/database"
_DATABASE_OF_SERVER: Final = ("microsoft.sql/servers/databases",)
_DATABASE_OF_INSTANCE: Final = ("microsoft.sql/managedinstances/databases",)
_SERVERS: Final = ("microsoft.sql/servers",)
_INSTANCES: Final = ("microsoft.sql/managedinstances",)
_PROTECTOR: Final = PortalPath(
    "Azure portal › SQL managed instances › {instance} › Transparent data encryption",
    f"{_LEARN}/transparent-data-encryption-tde-overview",
)
_KEY: Final = Variable(
    "key_id",
    "Identifier of the key, with its version",
    "https://kv-shop.vault.azure.net/keys/sql/0123456789abcdef",
)


def _is_judged(database: View, ctx: Context) -> bool:
    return database.collection == MANAGED_DATABASES.name or is_user_database(database)


def _encrypted(database: View, ctx: Context) -> Verdict:
    is_managed = database.collection == MANAGED_DATABASES.name
    found = ctx.single(MANAGED_DATABASE_ENCRYPTION if is_managed else SQL_DATABASE_ENCRYPTION, database.id)
    if found is None:
        return unknown("Azure does not show whether the database is encrypted", Reason.NOT_FOUND)
    state = found.raw("properties.state")
    if found.choice("properties.state", {"enabled", "disabled"}) == "enabled":
        return passed("The database is encrypted at rest", state=state)
    return failed("The database is not encrypted at rest", state=state)


def _has_own_key(database: View) -> bool:
    return bool(database.text("properties.encryptionProtector", default=""))


def _own_key(resource: View, ctx: Context) -> Verdict:
    is_instance = resource.collection == MANAGED_INSTANCES.name
    if not is_instance and belongs_to_synapse(resource):
        return not_applicable("The server belongs to a Synapse workspace, which decides about the key")
    databases, gap = ctx.partial_at(MANAGED_DATABASES if is_instance else SQL_DATABASES, resource.id)
    databases = [database for database in databases if _is_judged(database, ctx)]
    if not databases and gap is None:
        return not_applicable("The server or instance has no user database")
    protector = ctx.single(
        MANAGED_INSTANCE_PROTECTORS if is_instance else SQL_ENCRYPTION_PROTECTORS, resource.id
    )
    if protector is None:
        return unknown("Azure does not show which key encrypts the databases", Reason.NOT_FOUND)
    kind = protector.raw("properties.serverKeyType")
    rotates = protector.flag("properties.autoRotationEnabled", default=False)
    if protector.choice("properties.serverKeyType", {"azurekeyvault", "servicemanaged"}) == "azurekeyvault":
        if not databases and gap is not None:
            raise CollectionUnavailable(gap)
        return passed(
            "A customer-managed key encrypts the databases",
            remarks=[] if rotates else ["New versions of the key are not used automatically"],
            serverKeyType=kind,
        )
    # Databases of managed instances cannot have keys of their own.
    own = [] if is_instance else [database for database in databases if _has_own_key(database)]
    if len(own) < len(databases):
        return failed("A Microsoft-managed key encrypts the databases", serverKeyType=kind)
    if gap is not None:
        raise CollectionUnavailable(gap)
    return passed(
        "Each database has a customer-managed key of its own",
        remarks=[
            "New databases still get a Microsoft-managed key, unless they are created with a key of their own"
        ],
        serverKeyType=kind,
    )


_BOTH: Final[dict[str, Any]] = {
    "also": (MANAGED_INSTANCES,),
    "subject_type": "Microsoft.Sql/servers, Microsoft.Sql/managedInstances",
    "empty_reason": "No SQL server or managed instance",
}


CONTROLS = (
    *declare_settings(
        __name__,
        SQL_DATABASES,
        SettingControl(
            "sql-tde",
            title="SQL databases are encrypted at rest",
            problem="SQL database not encrypted at rest",
            expected="Transparent data encryption is on",
            judged="`transparentDataEncryption` of each database of logical SQL servers and managed instances, except"
            " system databases.",
            why="Anyone who gets the files or a backup of an unencrypted database can read all its data.",
            severity=Severity.HIGH,
            judge=_encrypted,
            where=_is_judged,
            also=(MANAGED_DATABASES,),
            needs=(SQL_DATABASE_ENCRYPTION, MANAGED_DATABASE_ENCRYPTION),
            subject_type="Microsoft.Sql/servers/databases, Microsoft.Sql/managedInstances/databases",
            empty_reason="No SQL database",
            references=References(c2="4.1.5", c3="5.1.5", mcsb="DP-4", nist="SC-28 SC-28(1)"),
            fix=Fix(
                command(
                    "az sql db tde set --resource-group {group} --server {server} --database {database}"
                    f" --status Enabled{_SUBSCRIPTION}",
                    "Database of a SQL server:",
                    kinds=_DATABASE_OF_SERVER,
                ),
                advice(
                    "Database of a managed instance: connect to the instance, and run ALTER DATABASE with SET"
                    " ENCRYPTION ON.",
                    kinds=_DATABASE_OF_INSTANCE,
                ),
                portal="Azure portal › SQL databases › {database} › Security › Transparent data encryption ›"
                " Data encryption: ON",
                portal_source=f"{_LEARN}/secure-database-tutorial",
                portals={_DATABASE_OF_INSTANCE[0]: _PROTECTOR},
                effects="The database is encrypted in the background, and stays available.",
            ),
        ),
    ),
    *declare_settings(
        __name__,
        SQL_SERVERS,
        SettingControl(
            "sql-tde-cmk",
            title="A customer-managed key encrypts SQL databases",
            problem="SQL databases encrypted with a Microsoft-managed key",
            expected="The encryption protector is a key in a key vault of the customer",
            judged="`encryptionProtector` of each logical SQL server and managed instance with a user database. A"
            " server whose databases all have a key of their own passes too, with a remark. Servers of a Synapse"
            " workspace are not applicable. Whether each database is encrypted is checked by sql-tde.",
            why="Only with a key of your own can you end Azure’s access to the data and see who uses the key.",
            severity=Severity.LOW,
            labels={"serverKeyType": "Key of the encryption protector"},
            judge=_own_key,
            needs=(SQL_DATABASES, SQL_ENCRYPTION_PROTECTORS, MANAGED_DATABASES, MANAGED_INSTANCE_PROTECTORS),
            references=References(c2="4.1.3", c3="5.1.3", mcsb="DP-5", nist="SC-12"),
            fix=Fix(
                advice(
                    "First create a key in a key vault with purge protection, and let the identity of the server or"
                    " instance use the key."
                ),
                command(
                    "az sql server key create --resource-group {group} --server {server} --kid {key_id}"
                    f"{_SUBSCRIPTION}\n"
                    "az sql server tde-key set --resource-group {group} --server {server} --server-key-type"
                    f" AzureKeyVault --kid {{key_id}} --auto-rotation-enabled true{_SUBSCRIPTION}",
                    "SQL server:",
                    kinds=_SERVERS,
                ),
                command(
                    "az sql mi key create --resource-group {group} --managed-instance {instance} --kid {key_id}"
                    f"{_SUBSCRIPTION}\n"
                    "az sql mi tde-key set --resource-group {group} --managed-instance {instance} --server-key-type"
                    f" AzureKeyVault --kid {{key_id}} --auto-rotation-enabled true{_SUBSCRIPTION}",
                    "Managed instance:",
                    kinds=_INSTANCES,
                ),
                portal="Azure portal › SQL servers › {server} › Transparent data encryption",
                portal_source=f"{_LEARN}/transparent-data-encryption-tde-overview",
                portals={_INSTANCES[0]: _PROTECTOR},
                cost="The key vault and its operations are billed.",
                effects="If the key is lost or blocked, all databases become inaccessible. Older backups need the"
                " former keys, so keep these.",
                variables=[_KEY],
            ),
            **_BOTH,
        ),
    ),
)
