"""Storage accounts, their containers and file shares."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, SINGLE, arm, child, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, STORAGE
from assessments.estate.sdk_operation import Library, of_resource, of_subscription
from assessments.estate.services.storage import services_with_logs

STORAGE_ACCOUNTS = arm(
    "storage_accounts",
    "Microsoft.Storage/storageAccounts@2026-09-01",
    "Storage accounts",
    operation=of_subscription(Library.STORAGE, "storage_accounts"),
    inventory=Inventory.CONFIGURATION,
    error_codes=STORAGE,
    **since(
        "2021-06-01",
        "storage/resource-manager/Microsoft.Storage/stable/2021-06-01/storage.json",
        {
            "properties.networkAcls.ipv6Rules": "2025-01-01",
            "properties.allowSharedKeyAccessForServices": "2025-08-01",
        },
    ),
)
BLOB_CONTAINERS = child(
    "storage_accounts",
    "blob_containers",
    "Microsoft.Storage/storageAccounts/blobServices/containers@2026-09-01",
    "Blob containers",
    path="{scope}/blobServices/default/containers",
    targets=t.accounts_with_anonymous_access,
    operation=of_resource(Library.STORAGE, "blob_containers", "list"),
    error_codes=STORAGE,
    **since("2018-02-01", "azure-mgmt-storage 21.2.1, v2018_02_01"),
)
BLOB_SERVICES = child(
    "storage_accounts",
    "blob_services",
    "Microsoft.Storage/storageAccounts/blobServices@2026-09-01",
    "Blob services",
    path="{scope}/blobServices/default",
    targets=t.accounts_with_blobs,
    operation=of_resource(Library.STORAGE, "blob_services", "get_service_properties"),
    **SINGLE,
    error_codes=STORAGE,
    **since(
        "2019-06-01",
        "azure-mgmt-storage 21.2.1, v2019_06_01",
        {
            "properties.deleteRetentionPolicy.allowPermanentDelete": "2021-09-01",
            "properties.staticWebsite": "2026-09-01",
        },
    ),
)
FILE_SHARES = child(
    "storage_accounts",
    "file_shares",
    "Microsoft.Storage/storageAccounts/fileServices/shares@2026-09-01",
    "File shares",
    path="{scope}/fileServices/default/shares",
    targets=t.accounts_with_files,
    operation=of_resource(Library.STORAGE, "file_shares", "list"),
    error_codes=(*STORAGE, "FeatureNotSupportedForAccount"),
    **since("2019-06-01", "azure-mgmt-storage 21.2.1, v2019_06_01"),
)
# Answers of api-versions before 2025-06-01 lack the encryption settings of SMB and NFS (file.json of 2025-01-01). If
# these settings are absent, the account's setting “Secure transfer required” applies to both protocols.
FILE_SERVICES = child(
    "storage_accounts",
    "file_services",
    "Microsoft.Storage/storageAccounts/fileServices@2026-09-01",
    "File services",
    path="{scope}/fileServices/default",
    targets=t.accounts_with_files,
    operation=of_resource(Library.STORAGE, "file_services", "get_service_properties"),
    **SINGLE,
    error_codes=(*STORAGE, "FeatureNotSupportedForAccount"),
    **since(
        "2021-01-01",
        "azure-mgmt-storage 21.2.1, v2021_01_01",
        later={
            "properties.protocolSettings.smb.encryptionInTransit.required": "2025-06-01",
            "properties.protocolSettings.nfs.encryptionInTransit.required": "2025-06-01",
        },
    ),
)
STORAGE_PERIMETERS = child(
    "storage_accounts",
    "storage_perimeters",
    "Microsoft.Storage/storageAccounts/networkSecurityPerimeterConfigurations@2026-09-01",
    "Network security perimeters of storage accounts",
    operation=of_resource(Library.STORAGE, "network_security_perimeter_configurations", "list"),
    # Only the public cloud has perimeters, so other clouds may lack this resource type.
    # https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts
    retired=True,
    error_codes=STORAGE,
    **since(
        "2024-01-01",
        "storage/resource-manager/Microsoft.Storage/stable/2024-01-01/networkSecurityPerimeter.json",
        {"properties.profile.accessRules[].properties.serviceTags": "2026-09-01"},
    ),
)
STORAGE_LOG_SETTINGS = arm(
    "storage_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of storage services",
    after=("storage_accounts",),
    targets=services_with_logs,
    error_codes=DIAGNOSTIC_SETTINGS,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/diagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=DIAGNOSTIC_SETTING,
)
