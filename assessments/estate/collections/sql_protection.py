"""Encryption and vulnerability assessment of SQL servers, databases and managed instances."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import OPTIONAL, SINGLE, child, since
from assessments.estate.collections.sql import RESUMES_DATABASES
from assessments.estate.documented_codes import (
    CLASSIC_ASSESSMENT,
    DEFENDER,
    EXPRESS_ASSESSMENT,
    GENERAL,
    SQL_KEYS,
)
from assessments.estate.sdk_operation import Library, of_resource
from assessments.estate.sql.protection import (
    instances_without_classic_assessment,
    servers_without_express_assessment,
    user_databases,
    without_keys,
)

_SPECIFICATIONS = "sql/resource-manager/Microsoft.Sql/stable"
# Vulnerability assessment has either the express or the classic configuration. If a request asks for a configuration
# that the server does not have, Azure answers with one of these error codes.
_EXPRESS_IS_OFF = (
    "SqlVulnerabilityAssessmentIsDisabled",
    "SqlVulnerabilityAssessmentStoragefullApiIsEnabled",
)
_CLASSIC_IS_OFF = ("VulnerabilityAssessmentADSIsDisabled",)

SQL_DATABASE_ENCRYPTION = child(
    "sql_databases",
    "sql_database_encryption",
    "Microsoft.Sql/servers/databases/transparentDataEncryption@2025-01-01",
    "Encryption of SQL databases",
    path="{scope}/transparentDataEncryption/current",
    targets=user_databases,
    side_effect=RESUMES_DATABASES,
    operation=of_resource(Library.SQL, "transparent_data_encryptions", "get", "current"),
    **SINGLE,
    error_codes=SQL_KEYS,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/TransparentDataEncryptions.json"),
)
SQL_ENCRYPTION_PROTECTORS = child(
    "sql_servers",
    "sql_encryption_protectors",
    "Microsoft.Sql/servers/encryptionProtector@2025-01-01",
    "Encryption protectors of SQL servers",
    path="{scope}/encryptionProtector/current",
    operation=of_resource(Library.SQL, "encryption_protectors", "get", "current"),
    **SINGLE,
    error_codes=SQL_KEYS,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/EncryptionProtectors.json"),
)
SQL_EXPRESS_ASSESSMENTS = child(
    "sql_servers",
    "sql_express_assessments",
    "Microsoft.Sql/servers/sqlVulnerabilityAssessments@2025-01-01",
    "Vulnerability assessment of SQL servers (express)",
    path="{scope}/sqlVulnerabilityAssessments/default",
    operation=of_resource(Library.SQL, "sql_vulnerability_assessments_settings", "get", "default"),
    absent_codes=_EXPRESS_IS_OFF,
    **OPTIONAL,
    error_codes=EXPRESS_ASSESSMENT,
    **since("2023-08-01", f"{_SPECIFICATIONS}/2023-08-01/SqlVulnerabilityAssessmentsSettings.json"),
)
SQL_CLASSIC_ASSESSMENTS = child(
    "sql_servers",
    "sql_classic_assessments",
    "Microsoft.Sql/servers/vulnerabilityAssessments@2025-01-01",
    "Vulnerability assessment of SQL servers (classic)",
    path="{scope}/vulnerabilityAssessments/default",
    after=("sql_servers", "sql_express_assessments"),
    targets=servers_without_express_assessment,
    operation=of_resource(Library.SQL, "server_vulnerability_assessments", "get", "default"),
    absent_codes=_CLASSIC_IS_OFF,
    prepare=without_keys,
    **OPTIONAL,
    error_codes=CLASSIC_ASSESSMENT,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/ServerVulnerabilityAssessments.json"),
)
MANAGED_DATABASES = child(
    "managed_instances",
    "managed_databases",
    "Microsoft.Sql/managedInstances/databases@2025-01-01",
    "Databases of SQL managed instances",
    operation=of_resource(Library.SQL, "managed_databases", "list_by_instance"),
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/ManagedDatabases.json"),
)
MANAGED_DATABASE_ENCRYPTION = child(
    "managed_databases",
    "managed_database_encryption",
    "Microsoft.Sql/managedInstances/databases/transparentDataEncryption@2025-01-01",
    "Encryption of databases of SQL managed instances",
    path="{scope}/transparentDataEncryption/current",
    targets=t.each("managed_databases"),
    operation=of_resource(Library.SQL, "managed_database_transparent_data_encryption", "get", "current"),
    **SINGLE,
    error_codes=SQL_KEYS,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/ManagedDatabaseTransparentDataEncryption.json"),
)
MANAGED_INSTANCE_PROTECTORS = child(
    "managed_instances",
    "managed_instance_protectors",
    "Microsoft.Sql/managedInstances/encryptionProtector@2025-01-01",
    "Encryption protectors of SQL managed instances",
    path="{scope}/encryptionProtector/current",
    operation=of_resource(Library.SQL, "managed_instance_encryption_protectors", "get", "current"),
    **SINGLE,
    error_codes=SQL_KEYS,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/ManagedInstanceEncryptionProtectors.json"),
)
MANAGED_INSTANCE_ASSESSMENTS = child(
    "managed_instances",
    "managed_instance_assessments",
    "Microsoft.Sql/managedInstances/vulnerabilityAssessments@2025-01-01",
    "Vulnerability assessment of SQL managed instances",
    path="{scope}/vulnerabilityAssessments/default",
    operation=of_resource(Library.SQL, "managed_instance_vulnerability_assessments", "get", "default"),
    absent_codes=_CLASSIC_IS_OFF,
    prepare=without_keys,
    **OPTIONAL,
    error_codes=CLASSIC_ASSESSMENT,
    **since("2021-11-01", f"{_SPECIFICATIONS}/2021-11-01/ManagedInstanceVulnerabilityAssessments.json"),
)
# If the express configuration was never on, Azure answers with the state Disabled, not with 404. So a 404 is not
# accepted as an answer here: it makes the control unknown. https://learn.microsoft.com/azure/defender-for-cloud/express-configuration-azure-commands
MANAGED_INSTANCE_EXPRESS = child(
    "managed_instances",
    "managed_instance_express",
    "Microsoft.Security/sqlVulnerabilityAssessments@2026-04-01-preview",
    "Vulnerability assessment of SQL managed instances (express)",
    path="{scope}/providers/Microsoft.Security/sqlVulnerabilityAssessments/default",
    after=("managed_instances", "managed_instance_assessments"),
    targets=instances_without_classic_assessment,
    **SINGLE,
    error_codes=DEFENDER,
    **since(
        "2026-04-01-preview",
        "security/resource-manager/Microsoft.Security/Security/preview/2026-04-01-preview/openapi.json",
    ),
    definition=Definition(
        "SqlVulnerabilityAssessmentSettings", commit="508cef84ab6ea49a9bc95993d34910357b12b73b"
    ),
)
