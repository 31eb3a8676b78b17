"""Settings of storage accounts: network, keys, encryption, replication."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, TENANT, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.storage.cases_storage import ID, NO_LIST, NONE, _within, account, one

OLD, NEW = "2023-12-14T23:59:59.9999999Z", "2023-12-15T00:00:00.0000000Z"
KEY_VAULT = {
    "keySource": "Microsoft.Keyvault",
    "keyvaultproperties": {
        "keyname": "storage",
        "keyvaulturi": "https://kv.vault.azure.net",
        "keyversion": "",
    },
    "services": {
        "blob": {"enabled": True},
        "queue": {"enabled": True, "keyType": "Account"},
        "table": {"enabled": True, "keyType": "account"},
    },
}
FIXED_VERSION = {**KEY_VAULT, "keyvaultproperties": {"keyname": "storage", "keyversion": "0123"}}
ONLY_BLOBS = {**KEY_VAULT, "services": {"blob": {"enabled": True}, "queue": {"keyType": "Service"}}}


def rules(action: Any = "Deny", **more: Any) -> dict[str, Any]:
    return {
        "defaultAction": action,
        "bypass": "AzureServices",
        "ipRules": [],
        "virtualNetworkRules": [],
        **more,
    }


def networks(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "action": "Allow"} for value in values]


def keys(**services: Any) -> dict[str, Any]:
    return {"allowSharedKeyAccessForServices": {name: {"enabled": on} for name, on in services.items()}}


REFUSED = keys(blob=False, file=False, queue=False, table=False)


def connections(*states: str, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{ID}/privateEndpointConnections/{state}",
            "properties": {"privateLinkServiceConnectionState": {"status": state}, **more},
        }
        for state in states
    ]


def sku(name: str | None, tags: Any = None, **properties: Any) -> dict[str, Any]:
    body = account(**properties)
    body |= {} if name is None else {"sku": {"name": name}}
    return one(body | ({} if tags is None else {"tags": tags}))


CRITICAL = {"params": {"critical_tag": "Critical"}}

MANAGED = {
    "id": RG.upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
    "managedBy": f"{RG}/providers/Microsoft.Databricks/workspaces/w",
}
LEFT_OUT = {"managed_groups": "na"}
IN_MANAGED_GROUP: tuple[Any, ...] = (
    "in a managed group, left out",
    {**one(account()), "managed_resource_groups": {SUB: [MANAGED]}},
    {ID: "not_applicable"},
    {"params": LEFT_OUT},
)

CASES = [
    *rows(
        "storage-default-deny",
        ("refused", one(account(networkAcls=rules())), {ID: "pass"}),
        ("refused in small letters", one(account(networkAcls=rules("deny"))), {ID: "pass"}),
        ("let in", one(account()), {ID: "fail"}),
        ("no set of rules", one(account(drop="networkAcls")), {ID: "fail"}),
        ("null", one(account(networkAcls=None)), {ID: "fail"}),
        ("without an action", one(account(networkAcls={"bypass": "None"})), {ID: "unknown"}),
        ("a new action", one(account(networkAcls=rules("Ask"))), {ID: "unknown"}),
        ("let in, but access is off", one(account(publicNetworkAccess="Disabled")), {ID: "pass"}),
        (
            "secured by a perimeter, but in none",
            one(account(publicNetworkAccess="SecuredByPerimeter")),
            {ID: "pass"},
            {"reason": "belongs to none"},
        ),
        ("a perimeter that lets an office in", _within("198.51.100.0/24"), {ID: "pass"}),
        (
            "a perimeter that lets everybody in",
            _within("0.0.0.0/0", mode="Learning"),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        ("a perimeter with a service tag", _within("198.51.100.0/24", serviceTags=["A"]), {ID: "manual"}),
        (
            "let in, but an enforced perimeter lets an office in",
            _within("198.51.100.0/24", access="Enabled"),
            {ID: "pass"},
            {"reason": "perimeter lets only specific networks in"},
        ),
        (
            "let in, and an enforced perimeter lets everybody in",
            _within("0.0.0.0/0", access="Enabled"),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        (
            "let in, and a perimeter is not enforced",
            _within("198.51.100.0/24", access="Enabled", mode="Learning"),
            {ID: "fail"},
            {"reason": "The firewall lets every network in"},
        ),
        (
            "refused, but an enforced perimeter lets everybody in",
            _within("0.0.0.0/0", access="Enabled", own=rules()),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        (
            "refused, but a perimeter that is not enforced lets everybody in",
            _within("0.0.0.0/0", access="Enabled", mode="Learning", own=rules()),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        (
            "refused, and a perimeter that is not enforced lets an office in",
            _within("198.51.100.0/24", access="Enabled", mode="Learning", own=rules()),
            {ID: "pass"},
            {"reason": "refuses networks that it does not list", "remark": "198.51.100.0/24"},
        ),
        (
            "let in, and a perimeter that is not enforced lets everybody in",
            _within("0.0.0.0/0", access="Enabled", mode="Learning"),
            {ID: "fail"},
            {"reason": "lets every network in; The network security perimeter"},
        ),
        (
            "access is off, but a perimeter lets everybody in",
            _within("0.0.0.0/0", access="Disabled", mode="Learning"),
            {ID: "fail"},
            {"reason": "through rule"},
        ),
        (
            "access is off, and a perimeter lets an office in",
            _within("198.51.100.0/24", access="Disabled"),
            {ID: "pass"},
            {"reason": "perimeter lets only specific networks in"},
        ),
        (
            "access is off, and the perimeters are forbidden",
            one(account(publicNetworkAccess="Disabled")),
            {ID: "pass"},
            {
                "gaps": [gap("storage_perimeters", ID)],
                "remark": "Could not check whether a network security perimeter",
            },
        ),
        (
            "refused, and the perimeters are forbidden",
            one(account(networkAcls=rules())),
            {ID: "pass"},
            {
                "gaps": [gap("storage_perimeters", ID)],
                "remark": "Could not check whether a network security perimeter",
            },
        ),
        (
            "let in, and the perimeters are forbidden",
            one(account()),
            {ID: "fail"},
            {
                "gaps": [gap("storage_perimeters", ID)],
                "remark": "Could not check whether a network security perimeter",
            },
        ),
        (
            "secured by a perimeter that is forbidden",
            one(account(publicNetworkAccess="SecuredByPerimeter")),
            {ID: "unknown"},
            {"gaps": [gap("storage_perimeters", ID)]},
        ),
        ("a new kind of access", one(account(publicNetworkAccess="Some")), {ID: "unknown"}),
        (
            "a few networks",
            one(account(networkAcls=rules(ipRules=networks("203.0.113.0/24", "198.51.100.7")))),
            {ID: "pass"},
        ),
        (
            "rules let the Internet in",
            one(account(networkAcls=rules(ipRules=networks("8.0.0.0/8")))),
            {ID: "fail"},
            {"reason": "let the Internet in"},
        ),
        (
            "rules let the Internet of IPv6 in",
            one(account(networkAcls=rules(ipv6Rules=networks("2000::/3")))),
            {ID: "fail"},
        ),
        ("a rule is no network", one(account(networkAcls=rules(ipRules=networks("all")))), {ID: "unknown"}),
        (
            "resources of another directory",
            one(account(networkAcls=rules(resourceAccessRules=[{"tenantId": "another", "resourceId": RG}]))),
            {ID: "pass"},
            {"remark": "another directory"},
        ),
        (
            "resources of the own directory",
            one(account(networkAcls=rules(resourceAccessRules=[{"tenantId": TENANT, "resourceId": RG}]))),
            {ID: "pass"},
            {"no_remark": "another directory"},
        ),
        IN_MANAGED_GROUP,
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-pna-disabled",
        ("off", one(account(publicNetworkAccess="Disabled")), {ID: "pass"}, {"no_remark": "perimeter"}),
        ("on", one(account(publicNetworkAccess="enabled")), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}, {"reason": "absent"}),
        ("null", one(account(publicNetworkAccess=None)), {ID: "fail"}),
        ("a new kind of access", one(account(publicNetworkAccess="Some")), {ID: "unknown"}),
        (
            "a perimeter decides",
            one(account(publicNetworkAccess="SecuredByPerimeter")),
            {ID: "pass"},
            {"remark": "perimeter"},
        ),
        (
            "a perimeter decides, which the parameter refuses",
            one(account(publicNetworkAccess="SecuredByPerimeter")),
            {ID: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        IN_MANAGED_GROUP,
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-private-endpoint",
        ("approved", one(account(privateEndpointConnections=connections("Approved"))), {ID: "pass"}),
        (
            "one of two approved",
            one(
                account(
                    privateEndpointConnections=connections(
                        "Rejected", "approved", provisioningState="Succeeded"
                    )
                )
            ),
            {ID: "pass"},
        ),
        ("none", one(account(privateEndpointConnections=[])), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}),
        (
            "none approved",
            one(account(privateEndpointConnections=connections("Pending", "Rejected", "Disconnected"))),
            {ID: "fail"},
            {"reason": "No private endpoint is approved"},
        ),
        (
            "approved, but not provisioned",
            one(account(privateEndpointConnections=connections("Approved", provisioningState="Failed"))),
            {ID: "fail"},
        ),
        ("a new state", one(account(privateEndpointConnections=connections("Sleeping"))), {ID: "unknown"}),
        (
            "a new state and an approved one",
            one(account(privateEndpointConnections=connections("Sleeping", "Approved"))),
            {ID: "pass"},
        ),
        ("no list", one(account(privateEndpointConnections="none")), {ID: "unknown"}),
        IN_MANAGED_GROUP,
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-trusted-services",
        ("among others", one(account(networkAcls=rules(bypass="Logging, azureServices"))), {ID: "pass"}),
        ("absent", one(account(networkAcls={"defaultAction": "Deny"})), {ID: "pass"}, {"no_remark": "off"}),
        ("no set of rules", one(account(drop="networkAcls")), {ID: "pass"}, {"remark": "firewall"}),
        ("firewall off", one(account(networkAcls=rules("Allow"))), {ID: "pass"}, {"remark": "firewall"}),
        (
            "firewall off, but no public network access",
            one(account(networkAcls=rules("Allow"), publicNetworkAccess="Disabled")),
            {ID: "pass"},
            {"no_remark": "every service"},
        ),
        (
            "an enforced perimeter",
            _within("198.51.100.0/24", access="Enabled"),
            {ID: "pass"},
            {"remark": "can refuse trusted services", "no_remark": "every service"},
        ),
        (
            "a perimeter that is not enforced",
            _within("198.51.100.0/24", access="Enabled", mode="Learning"),
            {ID: "pass"},
            {"no_remark": "can refuse", "remark": "every service"},
        ),
        (
            "secured by a perimeter",
            one(account(publicNetworkAccess="SecuredByPerimeter")),
            {ID: "pass"},
            {"remark": "can refuse trusted services"},
        ),
        ("none", one(account(networkAcls=rules(bypass="None"))), {ID: "fail"}),
        ("only logs", one(account(networkAcls=rules(bypass="Logging, Metrics"))), {ID: "fail"}),
        ("none, firewall off", one(account(networkAcls=rules("Allow", bypass="None"))), {ID: "fail"}),
        ("a new exception", one(account(networkAcls=rules(bypass="AzureServices, Moon"))), {ID: "unknown"}),
        ("empty", one(account(networkAcls=rules(bypass=""))), {ID: "unknown"}),
        ("a number", one(account(networkAcls=rules(bypass=1))), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-min-tls",
        ("1.2", one(account(minimumTlsVersion="TLS1_2")), {ID: "pass"}, {"no_remark": "3 February 2026"}),
        ("1.3 in small letters", one(account(minimumTlsVersion="tls1_3")), {ID: "pass"}),
        ("1.1", one(account(minimumTlsVersion="TLS1_1")), {ID: "fail"}, {"remark": "3 February 2026"}),
        ("1.0", one(account(minimumTlsVersion="TLS1_0")), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}, {"reason": "counts as TLS 1.0"}),
        ("null", one(account(minimumTlsVersion=None)), {ID: "fail"}, {"remark": "3 February 2026"}),
        ("a new version", one(account(minimumTlsVersion="TLS2_0")), {ID: "unknown"}),
        ("a number", one(account(minimumTlsVersion=1.2)), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-no-shared-key",
        ("refused", one(account(allowSharedKeyAccess=False)), {ID: "pass"}),
        ("accepted", one(account(allowSharedKeyAccess=True)), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}, {"reason": "absent"}),
        ("null", one(account(allowSharedKeyAccess=None)), {ID: "fail"}),
        ("text", one(account(allowSharedKeyAccess="false")), {ID: "unknown"}),
        ("refused by every service", one(account(**REFUSED)), {ID: "pass"}, {"reason": "Every service"}),
        (
            "refused by the account and by services",
            one(account(allowSharedKeyAccess=False, **REFUSED)),
            {ID: "pass"},
        ),
        (
            "refused by every service of an account for files",
            one(account(kind="FileStorage", allowSharedKeyAccess=True, **keys(file=False))),
            {ID: "pass"},
        ),
        (
            "refused by some services",
            one(account(**keys(blob=False, file=True))),
            {ID: "fail"},
            {"reason": "Only some services"},
        ),
        (
            "accepted by every service",
            one(account(**keys(blob=True, file=True))),
            {ID: "fail"},
            {"reason": "absent"},
        ),
        (
            "refused by the account, accepted by a service",
            one(account(allowSharedKeyAccess=False, **keys(file=True))),
            {ID: "unknown"},
            {"reason": "does not document"},
        ),
        ("a setting of a service is text", one(account(**keys(blob="false"))), {ID: "unknown"}),
        ("no properties", one({"id": ID, "name": "logs1"}), {ID: "unknown"}),
        (
            "in a managed group, judged",
            {**one(account()), "managed_resource_groups": {SUB: [MANAGED]}},
            {ID: "fail"},
        ),
        (
            "in a managed group, left out",
            {**one(account()), "managed_resource_groups": {SUB: [MANAGED]}},
            {ID: "not_applicable"},
            {"params": LEFT_OUT, "reason": "Another resource manages"},
        ),
        ("in another group", one(account()), {ID: "fail"}, {"params": LEFT_OUT}),
        (
            "a managed group without an id",
            {**one(account()), "managed_resource_groups": {SUB: [{"managedBy": RG}]}},
            {ID: "unknown"},
            {"params": LEFT_OUT},
        ),
        (
            "managed groups forbidden",
            one(account()),
            {ID: "unknown"},
            {"params": LEFT_OUT, "gaps": [gap("managed_resource_groups")]},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-entra-default",
        ("on", one(account(defaultToOAuthAuthentication=True)), {ID: "pass"}),
        ("off", one(account(defaultToOAuthAuthentication=False)), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}),
        ("text", one(account(defaultToOAuthAuthentication="true")), {ID: "unknown"}),
        (
            "off, keys refused",
            one(account(defaultToOAuthAuthentication=False, allowSharedKeyAccess=False)),
            {ID: "pass"},
            {"reason": "refuses access keys"},
        ),
        (
            "off, keys refused, strict",
            one(account(allowSharedKeyAccess=False)),
            {ID: "fail"},
            {"params": {"strict": True}},
        ),
        ("off, keys refused by every service", one(account(**REFUSED)), {ID: "pass"}),
        ("off, text for keys", one(account(allowSharedKeyAccess="no")), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-key-reminder",
        (
            "90 days",
            one(account(keyPolicy={"keyExpirationPeriodInDays": 90})),
            {ID: "pass"},
            {"no_remark": "later"},
        ),
        (
            "a year",
            one(account(keyPolicy={"keyExpirationPeriodInDays": 365})),
            {ID: "pass"},
            {"remark": "later"},
        ),
        (
            "a year, which the parameter accepts",
            one(account(keyPolicy={"keyExpirationPeriodInDays": 365})),
            {ID: "pass"},
            {"params": {"max_days": 365}, "no_remark": "later"},
        ),
        ("absent", one(account()), {ID: "fail"}),
        ("no days", one(account(keyPolicy={"keyExpirationPeriodInDays": 0})), {ID: "fail"}),
        ("empty", one(account(keyPolicy={})), {ID: "fail"}),
        ("text", one(account(keyPolicy="90 days")), {ID: "unknown"}),
        ("keys refused", one(account(allowSharedKeyAccess=False)), {ID: "not_applicable"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-no-cross-tenant",
        ("refused", one(account(allowCrossTenantReplication=False)), {ID: "pass"}),
        ("allowed", one(account(allowCrossTenantReplication=True)), {ID: "fail"}),
        ("absent, a new account", one(account(creationTime=NEW)), {ID: "pass"}, {"remark": "by default"}),
        (
            "absent, an old account",
            one(account(creationTime=OLD)),
            {ID: "fail"},
            {"reason": "the account was created before 15 December 2023"},
        ),
        ("absent, and no time", one(account(drop="creationTime")), {ID: "unknown"}),
        ("text", one(account(allowCrossTenantReplication="false")), {ID: "unknown"}),
        ("no blobs", one(account("FileStorage", allowCrossTenantReplication=True)), {ID: "not_applicable"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-infra-encryption",
        ("on", one(account(encryption={"requireInfrastructureEncryption": True})), {ID: "pass"}),
        ("off", one(account(encryption={"requireInfrastructureEncryption": False})), {ID: "fail"}),
        ("absent", one(account()), {ID: "fail"}, {"reason": "absent"}),
        ("no encryption", one(account(drop="encryption")), {ID: "fail"}),
        ("text", one(account(encryption={"requireInfrastructureEncryption": "true"})), {ID: "unknown"}),
        ("encryption is text", one(account(encryption="on")), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-cmk",
        ("own key", one(account(encryption=KEY_VAULT)), {ID: "pass"}, {"no_remark": "key"}),
        (
            "own key with a fixed version",
            one(account(encryption=FIXED_VERSION)),
            {ID: "pass"},
            {"remark": "fixed"},
        ),
        ("own key for blobs only", one(account(encryption=ONLY_BLOBS)), {ID: "pass"}, {"remark": "queues"}),
        ("key of Microsoft", one(account()), {ID: "fail"}),
        ("absent", one(account(encryption={"services": {}})), {ID: "fail"}),
        ("no encryption", one(account(drop="encryption")), {ID: "fail"}),
        ("a new source", one(account(encryption={"keySource": "Contoso.Keys"})), {ID: "unknown"}),
        ("a number", one(account(encryption={"keySource": 1})), {ID: "unknown"}),
        ("without the tag", one(account()), {ID: "not_applicable"}, CRITICAL),
        ("with the tag", sku("Standard_GRS", {"critical": "yes"}), {ID: "fail"}, CRITICAL),
        ("tags are text", sku("Standard_GRS", "critical"), {ID: "unknown"}, CRITICAL),
        NO_LIST,
        NONE,
    ),
    *rows(
        "storage-grs",
        ("two regions", sku("Standard_RAGZRS"), {ID: "pass"}, {"no_remark": "available"}),
        ("two regions, newer", sku("standardv2_grs", statusOfSecondary="available"), {ID: "pass"}),
        (
            "second region not available",
            sku("Standard_GRS", statusOfSecondary="unavailable"),
            {ID: "pass"},
            {"remark": "not available"},
        ),
        ("one datacentre", sku("Standard_LRS"), {ID: "fail"}, {"no_remark": "NFS"}),
        (
            "one datacentre, with NFS",
            sku("Standard_LRS", isNfsV3Enabled=True),
            {ID: "fail"},
            {"remark": "NFS 3.0"},
        ),
        (
            "two regions, with NFS",
            sku("Standard_GRS", isNfsV3Enabled=True),
            {ID: "pass"},
            {"no_remark": "NFS"},
        ),
        ("one region", sku("StandardV2_ZRS"), {ID: "fail"}),
        ("premium", sku("Premium_ZRS"), {ID: "not_applicable"}),
        ("a new SKU", sku("Standard_MOON"), {ID: "unknown"}),
        ("no SKU", sku(None), {ID: "unknown"}),
        ("without the tag", sku("Standard_LRS", {"team": "a"}), {ID: "not_applicable"}, CRITICAL),
        ("with the tag", sku("Standard_LRS", {"CRITICAL": ""}), {ID: "fail"}, CRITICAL),
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (
        "storage-default-deny",
        r"properties\.networkAcls\.ip(v6)?Rules",
        "without IP rules, the firewall lets no address in",
    ),
    (
        "storage-private-endpoint",
        r"properties\.privateEndpointConnections\[\]\.properties\.provisioningState",
        "an approved connection without a state of provisioning is usable",
    ),
    (
        "storage-no-shared-key",
        r"properties\.allowSharedKeyAccessForServices(\.file(\.enabled)?)?",
        "without a setting of its own, a service refuses the keys that its account refuses",
    ),
    (
        "storage-trusted-services",
        r"properties\.networkAcls(\.bypass)?",
        "the default lets trusted services pass",
    ),
    (
        "storage-no-cross-tenant",
        r"properties\.allowCrossTenantReplication",
        "accounts created since December 2023 refuse it by default",
    ),
]
OFFICIAL_VERDICTS = """
storage-cmk fail: appteststorage1 sto4036 sto4445 sto4452
storage-default-deny fail: appteststorage1 sto4036 sto4445 sto4452
storage-entra-default fail: appteststorage1 sto4036 sto4445 sto4452
storage-grs not_applicable: sto4445
storage-grs pass: appteststorage1 sto4036 sto4452
storage-infra-encryption fail: appteststorage1 sto4036 sto4445 sto4452
storage-key-reminder fail: appteststorage1 sto4036 sto4445 sto4452
storage-min-tls fail: appteststorage1 sto4036 sto4445 sto4452
storage-no-cross-tenant fail: appteststorage1 sto4036 sto4452
storage-no-cross-tenant unknown: sto4445  # the example has neither the setting nor the time of the account
storage-no-shared-key fail: appteststorage1 sto4036 sto4445 sto4452
storage-pna-disabled fail: appteststorage1 sto4036 sto4445 sto4452
storage-private-endpoint fail: appteststorage1 sto4036 sto4445 sto4452
storage-trusted-services pass: appteststorage1 sto4036 sto4445 sto4452
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Networking › Manage"
        " › Enable › Enabled from selected networks",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-network-security-set-default-access.md",
            "9b29dfccb71b187cb74514050627784e4f8c1837",
            "Go to the storage account",
            "under Security + networking, select Networking",
            "Choose what network access is enabled: Enabled from selected virtual networks and IP addresses",
        ),
        not_in_text={
            "Manage": "A button that Microsoft's current page names and its text of June 2025 lacks.",
            "Enable": "An option that Microsoft's current page names and its text of June 2025 lacks.",
            "Enabled from selected networks": (
                "Microsoft's text of June 2025 calls this option Enabled from selected virtual networks and "
                "IP addresses."
            ),
        },
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration"
        " › Default to Microsoft Entra authorization in the Azure portal › Enabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/files/authorize-data-operations-portal.md",
            "",
            "Under Settings, select Configuration",
            "Set Default to Microsoft Entra authorization in the Azure portal to Enabled",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data management › Redundancy",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/redundancy-migration.md",
            "00a2f8c3e62e3e0578695901be93c207e3c3123d",
            "Navigate to your storage account",
            "Under Data management select Redundancy",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › Add › Encryption › Enable infrastructure encryption",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/infrastructure-encryption-enable.md",
            "049274e51097c34c1d2393e08a577752bbc6c384",
            "navigate to the Storage accounts page",
            "Choose the Add button",
            "On the Encryption tab, locate Enable infrastructure encryption, and select Enabled",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Access keys › Set rotation reminder",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-account-keys-manage.md",
            "012ad308577ca7a4bcf96132a0e71b2819fa4a98",
            "Under Security + networking, select Access keys",
            "Select the Set rotation reminder button",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration › Minimum TLS version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/transport-layer-security-configure-minimum-version.md",
            "01caef55f91d24fe1916338912b3aab72df91676",
            "Navigate to your storage account",
            "Under Settings, select Configuration",
            "Under Minimum TLS version, use the drop-down",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Data management › Object replication"
        " › Advanced settings › clear the box › Allow cross-tenant replication",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/blobs/object-replication-prevent-cross-tenant-policies.md",
            "0aa2b14aec0e5cae30883a8e96f8eafafc88767f",
            "Under Data management, select Object replication",
            "Select Advanced settings",
            "Uncheck Allow cross-tenant replication",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Settings › Configuration"
        " › Allow storage account key access › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/shared-key-authorization-prevent.md",
            "01caef55f91d24fe1916338912b3aab72df91676",
            "Locate the Configuration setting under Settings",
            "Set Allow storage account key access to Disabled",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Networking › Manage › Disable",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-network-security-set-default-access.md",
            "9b29dfccb71b187cb74514050627784e4f8c1837",
            "Go to the storage account",
            "under Security + networking, select Networking",
            "To block traffic from all networks, select Disabled",
        ),
        not_in_text={
            "Manage": "A button that Microsoft's current page names and its text of June 2025 lacks.",
        },
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Networking"
        " › Private endpoints › Create private endpoint",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-private-endpoints.md",
            "0088bfa77543e07f8a41771de8db977ddfc62e1d",
            "the private endpoints through the Private endpoints tab for the storage account in the Azure portal",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-network-security-set-default-access.md",
            "9b29dfccb71b187cb74514050627784e4f8c1837",
            "under Security + networking, select Networking",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/private-link/tutorial-private-endpoint-storage-portal.md",
            "005321d720c0c919719b1866f9e4d666d70bcd6c",
            "In Create private endpoint enter or select the following information",
        ),
    ),
    ComparedPath(
        "Azure portal › Storage accounts › {account} › Security + networking › Networking › View › Exceptions",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/storage/common/storage-network-security-manage-exceptions.md",
            "3a2c86c8943361331f73cd4bf72fcf7ae486faf9",
            "under Security + networking, select Networking",
            "under Resource settings: Virtual networks, IP addresses, and exceptions, select View",
            "Under Exceptions, select the exceptions that you want to grant",
        ),
    ),
]
