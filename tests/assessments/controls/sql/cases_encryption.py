"""Encryption at rest of SQL databases, and the keys of servers and managed instances."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.sql.network_documents import INSTANCE, instance
from tests.assessments.controls.sql.server_documents import ID, MASTER

DB, OTHER = f"{ID}/databases/orders", f"{ID}/databases/old"
MANAGED = f"{INSTANCE}/databases/orders"
BOTH_FORBIDDEN: tuple[Any, ...] = (
    "servers and instances forbidden",
    {},
    {SUB: "unknown"},
    {"gaps": [gap("sql_servers"), gap("managed_instances")]},
)


def database(identifier: str = DB, kind: Any = "v12.0,user", **properties: Any) -> dict[str, Any]:
    return doc(identifier, {"status": "Online", **properties}, kind=kind)


def encrypted(state: Any, *more: dict[str, Any], kind: Any = "v12.0,user") -> dict[str, Any]:
    return {
        "sql_databases": [database(kind=kind), *more],
        "sql_database_encryption": {DB: [doc(f"{DB}/transparentDataEncryption/current", {"state": state})]},
    }


def managed(state: Any) -> dict[str, Any]:
    return {
        "managed_databases": [database(MANAGED, kind=None)],
        "managed_database_encryption": {
            # In the example of Azure's documentation, this document has the id of its database.
            MANAGED: [{"id": MANAGED, "name": "default", "properties": {"state": state}}]
        },
    }


def protected(
    kind: Any, *databases: dict[str, Any], server_kind: str = "v12.0", **more: Any
) -> dict[str, Any]:
    protector = doc(f"{ID}/encryptionProtector/current", {"serverKeyType": kind, **more})
    return {
        "sql_servers": [doc(ID, {}, kind=server_kind)],
        "sql_databases": {ID: list(databases)},
        "sql_encryption_protectors": [protector],
    }


def instance_protected(kind: Any, *databases: dict[str, Any]) -> dict[str, Any]:
    protector = doc(f"{INSTANCE}/encryptionProtector/current", {"serverKeyType": kind})
    return {
        "managed_instances": [instance()],
        "managed_databases": {INSTANCE: list(databases)},
        "managed_instance_protectors": [protector],
    }


def without(docs: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in docs.items() if key != name}


SYSTEM = database(MASTER, "v12.0,system")
OWN = {"encryptionProtector": "https://kv.vault.azure.net/keys/one/1"}

CASES = [
    *rows(
        "sql-tde",
        ("on", encrypted("Enabled"), {DB: "pass"}),
        ("off", encrypted("Disabled"), {DB: "fail"}),
        ("a data warehouse, off", encrypted("Disabled", kind="v12.0,user,datawarehouse"), {DB: "fail"}),
        ("beside the system database", encrypted("Enabled", SYSTEM), {DB: "pass"}),
        ("only the system database", {"sql_databases": [SYSTEM]}, {SUB: "not_applicable"}),
        ("in between", encrypted("Encrypting"), {DB: "unknown"}),
        ("no state", encrypted(None), {DB: "unknown"}),
        (
            "forbidden",
            without(encrypted("Enabled"), "sql_database_encryption"),
            {DB: "unknown"},
            {"gaps": [gap("sql_database_encryption", DB)]},
        ),
        ("not shown", without(encrypted("Enabled"), "sql_database_encryption"), {DB: "unknown"}),
        ("of an instance, on", managed("Enabled"), {MANAGED: "pass"}),
        ("of an instance, off", managed("Disabled"), {MANAGED: "fail"}),
        (
            "databases of a server forbidden",
            {"sql_servers": [doc(ID, {}, kind="v12.0")]},
            {SUB: "unknown"},
            {"gaps": [gap("sql_databases", ID)]},
        ),
        ("no database", {}, {SUB: "not_applicable"}),
    ),
    *rows(
        "sql-tde-cmk",
        (
            "own key",
            protected("AzureKeyVault", database(), autoRotationEnabled=True),
            {ID: "pass"},
            {"no_remark": "automatically"},
        ),
        (
            "own key, not rotated",
            protected("AzureKeyVault", database()),
            {ID: "pass"},
            {"remark": "automatically"},
        ),
        ("key of Microsoft", protected("ServiceManaged", database(), SYSTEM), {ID: "fail"}),
        ("no database", protected("ServiceManaged"), {ID: "not_applicable"}),
        ("only the system database", protected("AzureKeyVault", SYSTEM), {ID: "not_applicable"}),
        (
            "keys of databases",
            protected("ServiceManaged", database(**OWN), SYSTEM),
            {ID: "pass"},
            {"remark": "New"},
        ),
        (
            "one database without",
            protected("ServiceManaged", database(**OWN), database(OTHER)),
            {ID: "fail"},
        ),
        ("another kind of key", protected("Ledger", database()), {ID: "unknown"}),
        ("no kind", protected(None, database()), {ID: "unknown"}),
        (
            "Synapse",
            protected("ServiceManaged", database(), server_kind="v12.0,analytics"),
            {ID: "not_applicable"},
        ),
        (
            "protector forbidden",
            without(protected("AzureKeyVault", database()), "sql_encryption_protectors"),
            {ID: "unknown"},
            {"gaps": [gap("sql_encryption_protectors", ID)]},
        ),
        (
            "protector not shown",
            without(protected("AzureKeyVault", database()), "sql_encryption_protectors"),
            {ID: "unknown"},
        ),
        (
            "own key, databases forbidden",
            without(protected("AzureKeyVault"), "sql_databases"),
            {ID: "unknown"},
            {"gaps": [gap("sql_databases", ID)]},
        ),
        (
            "key of Microsoft, databases forbidden",
            without(protected("ServiceManaged"), "sql_databases"),
            {ID: "unknown"},
            {"gaps": [gap("sql_databases", ID)]},
        ),
        (
            "key of Microsoft, some databases unread",
            protected("ServiceManaged", database()),
            {ID: "fail"},
            {"gaps": [gap("sql_databases", ID)]},
        ),
        (
            "keys of databases, some unread",
            protected("ServiceManaged", database(**OWN)),
            {ID: "unknown"},
            {"gaps": [gap("sql_databases", ID)]},
        ),
        ("instance, own key", instance_protected("AzureKeyVault", database(MANAGED)), {INSTANCE: "pass"}),
        (
            "instance, key of Microsoft",
            instance_protected("ServiceManaged", database(MANAGED)),
            {INSTANCE: "fail"},
        ),
        ("instance without database", instance_protected("ServiceManaged"), {INSTANCE: "not_applicable"}),
        BOTH_FORBIDDEN,
        ("none", {}, {SUB: "not_applicable"}),
    ),
]
OFFICIAL_VERDICTS = """
sql-tde pass: testdb testdb1
sql-tde-cmk pass: sqlcrudtest-4645 testinstance1
sql-tde-cmk not_applicable: sqlcrudtest-6661
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › SQL databases › {database} › Security › Transparent data encryption › Data encryption: ON",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/secure-database-tutorial.md",
            "0b3427f737634bddce2d9c99ea1799526db547ae",
            "In the Azure portal, select SQL databases from the left-hand menu",
            "In the Security section, select Transparent data encryption",
            "If necessary, set Data encryption to ON",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL managed instances › {instance} › Transparent data encryption",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/transparent-data-encryption-tde-overview.md",
            "0186f084396f28d846ac274976c8a3b3749844cb",
            "open the TDE settings under your server or managed instance",
            "Screenshot of the transparent data encryption menu in the Azure portal for a server",
        ),
    ),
    ComparedPath(
        "Azure portal › SQL servers › {server} › Transparent data encryption",
        DocsFile(
            "MicrosoftDocs/sql-docs/azure-sql/database/transparent-data-encryption-tde-overview.md",
            "0186f084396f28d846ac274976c8a3b3749844cb",
            "open the TDE settings under your server or managed instance",
            "Screenshot of the transparent data encryption menu in the Azure portal for a server",
        ),
    ),
]
