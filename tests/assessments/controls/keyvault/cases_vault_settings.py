"""Settings of key vaults and managed HSMs."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

VAULT = f"{RG}/providers/Microsoft.KeyVault/vaults/kv1"
HSM = f"{RG}/providers/Microsoft.KeyVault/managedHSMs/hsm1"


def vault(tier: Any = "standard", **properties: Any) -> dict[str, Any]:
    sku = {} if tier is None else {"sku": {"family": "A", "name": tier}}
    return doc(VAULT, {**sku, **properties}, type="Microsoft.KeyVault/vaults", location="westeurope")


def hsm(**properties: Any) -> dict[str, Any]:
    return doc(HSM, properties, type="Microsoft.KeyVault/managedHSMs", location="westeurope")


def listed(*bodies: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of the inventory for these resources."""
    return [{key: body[key] for key in ("id", "name", "type")} for body in bodies]


def one(body: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"resources": {SUB: listed(body)}, "key_vaults": [body], **others}


def firewall(action: Any = "Deny", *networks: Any) -> dict[str, Any]:
    return {
        "bypass": "AzureServices",
        "defaultAction": action,
        "ipRules": [{"value": one} for one in networks],
    }


def limited(access: Any, *networks: Any, action: Any = "Deny") -> dict[str, Any]:
    return one(vault(publicNetworkAccess=access, networkAcls=firewall(action, *networks)))


def connections(*states: str, **more: Any) -> dict[str, Any]:
    return one(
        vault(
            privateEndpointConnections=[
                {"properties": {"privateLinkServiceConnectionState": {"status": state}, **more}}
                for state in states
            ]
        )
    )


POLICY = {"objectId": "00000000-0000-0000-0000-000000000000", "permissions": {"secrets": ["get"]}}
FORBIDDEN = [gap("key_vaults")]
NO_LIST: tuple[Any, ...] = (
    "the list is forbidden",
    {"resources": {SUB: listed(vault())}},
    {SUB: "unknown"},
    {"gaps": FORBIDDEN},
)
NONE: tuple[Any, ...] = ("no vault", {}, {SUB: "not_applicable"})

CASES = [
    *rows(
        "keyvault-rbac",
        ("roles", one(vault(enableRbacAuthorization=True)), {VAULT: "pass"}, {"no_remark": "policies"}),
        (
            "roles and old policies",
            one(vault(enableRbacAuthorization=True, accessPolicies=[POLICY])),
            {VAULT: "pass"},
            {"remark": "policies"},
        ),
        ("policies", one(vault(enableRbacAuthorization=False)), {VAULT: "fail"}, {"no_remark": "policies"}),
        ("absent", one(vault()), {VAULT: "fail"}, {"reason": "absent"}),
        ("null", one(vault(enableRbacAuthorization=None, accessPolicies=[POLICY])), {VAULT: "fail"}),
        ("text", one(vault(enableRbacAuthorization="true")), {VAULT: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "keyvault-purge-protection",
        (
            "on",
            one(vault(enableSoftDelete=True, enablePurgeProtection=True, softDeleteRetentionInDays=90)),
            {VAULT: "pass"},
            {"no_remark": "retention"},
        ),
        (
            "soft delete absent",
            one(vault(enablePurgeProtection=True)),
            {VAULT: "pass"},
            {"no_remark": "retention"},
        ),
        (
            "short retention",
            one(vault(enablePurgeProtection=True, softDeleteRetentionInDays=7)),
            {VAULT: "pass"},
            {"remark": "retention"},
        ),
        ("absent", one(vault(enableSoftDelete=True)), {VAULT: "fail"}),
        ("off", one(vault(enablePurgeProtection=False)), {VAULT: "fail"}),
        (
            "no soft delete",
            one(vault(enableSoftDelete=False, enablePurgeProtection=True)),
            {VAULT: "fail"},
            {"reason": "Soft delete"},
        ),
        ("text", one(vault(enablePurgeProtection="true")), {VAULT: "unknown"}),
        (
            "managed HSM",
            {"resources": {SUB: listed(hsm())}, "managed_hsms": [hsm(enablePurgeProtection=True)]},
            {HSM: "pass"},
        ),
        (
            "managed HSM, off",
            {"resources": {SUB: listed(hsm())}, "managed_hsms": [hsm(enablePurgeProtection=False)]},
            {HSM: "fail"},
        ),
        (
            "managed HSM, absent",
            {"resources": {SUB: listed(hsm())}, "managed_hsms": [hsm(enableSoftDelete=True)]},
            {HSM: "unknown"},
        ),
        NO_LIST,
        NONE,
    ),
    *rows(
        "keyvault-pna",
        ("off", one(vault(publicNetworkAccess="disabled")), {VAULT: "pass"}),
        ("off, open firewall", limited("Disabled", action="Allow"), {VAULT: "pass"}),
        ("on", one(vault(publicNetworkAccess="Enabled")), {VAULT: "fail"}, {"reason": "no firewall"}),
        ("absent", one(vault()), {VAULT: "fail"}),
        ("on, open firewall", limited("Enabled", action="allow"), {VAULT: "fail"}),
        ("on, firewall", limited("Enabled", "203.0.113.0/24"), {VAULT: "pass"}, {"reason": "firewall"}),
        ("absent, firewall", limited(None), {VAULT: "pass"}),
        (
            "firewall lets the Internet in",
            limited("Enabled", "0.0.0.0/1"),
            {VAULT: "fail"},
            {"reason": "rules"},
        ),
        ("rule is no network", limited("Enabled", "all"), {VAULT: "unknown"}),
        ("a new action", limited("Enabled", action="Ask"), {VAULT: "unknown"}),
        ("no action", one(vault(networkAcls={"bypass": "None"})), {VAULT: "unknown"}),
        (
            "firewall, which the parameter refuses",
            limited("Enabled", "203.0.113.0/24"),
            {VAULT: "fail"},
            {"params": {"accept_firewall": False}},
        ),
        (
            "perimeter",
            limited("SecuredByPerimeter", action="Allow"),
            {VAULT: "pass"},
            {"remark": "perimeter"},
        ),
        (
            "perimeter, which the parameter refuses",
            limited("SecuredByPerimeter"),
            {VAULT: "fail"},
            {"params": {"accept_perimeter": False}},
        ),
        ("a new kind of access", one(vault(publicNetworkAccess="Some")), {VAULT: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "keyvault-pe",
        ("approved", connections("Rejected", "approved", provisioningState="Succeeded"), {VAULT: "pass"}),
        ("none", one(vault(privateEndpointConnections=[])), {VAULT: "fail"}),
        ("absent", one(vault()), {VAULT: "fail"}),
        ("none approved", connections("Pending", "Rejected"), {VAULT: "fail"}),
        ("a new state", connections("Sleeping"), {VAULT: "unknown"}),
        ("no list", one(vault(privateEndpointConnections="none")), {VAULT: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "keyvault-hsm-required",
        ("standard vault", one(vault()), {SUB: "manual"}),
        ("premium vault", one(vault("Premium")), {SUB: "manual"}),
        ("managed HSM", {"resources": {SUB: listed(hsm())}, "managed_hsms": [hsm()]}, {SUB: "manual"}),
        ("a new tier", one(vault("moon")), {SUB: "unknown"}),
        ("no tier", one(vault(None)), {SUB: "unknown"}),
        NO_LIST,
        NONE,
    ),
]

IMPOSSIBLE = {
    "keyvault-hsm-required": {"pass": "a person has to attest", "fail": "a person has to attest"},
}

ABSENCE_PASSES = [
    (
        "keyvault-purge-protection",
        r"properties\.(enableSoftDelete|softDeleteRetentionInDays)",
        "soft delete is on, and keeps deleted keys for 90 days, unless something else was set",
    ),
    (
        "keyvault-pna",
        r"properties\.(publicNetworkAccess|networkAcls\.ipRules)",
        "without the setting the firewall decides, and without IP rules it lets no address in",
    ),
    (
        "keyvault-pe",
        r"properties\.privateEndpointConnections\[\]\.properties\.provisioningState",
        "an approved connection without a state of provisioning is usable",
    ),
]
OFFICIAL_VERDICTS = """
keyvault-hsm-required manual: unit
keyvault-pe fail: sample-vault sample-vault2
keyvault-pna fail: sample-vault
keyvault-pna unknown: sample-vault2  # the example has quotation marks around a network
keyvault-purge-protection fail: hsm1 sample-vault sample-vault2
keyvault-rbac fail: sample-vault sample-vault2
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Managed HSM Pools › Create",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/managed-hsm/quick-create-portal.md",
            "25ede11ee178db9b78a03407c9ca6b8ab91786e5",
            "In the search box, enter Managed HSM and select Managed HSM Pools from the results",
            "Select Create",
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Settings › Networking › Private endpoint connections › Create",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
            "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
            'In the search bar, type in "key vaults"',
            'Select the "Networking" tab under Settings',
            'Select the "Private endpoint connections" tab at the top of the page',
            'Select the "+ Create" button at the top of the page',
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Settings › Networking › Firewalls and virtual networks"
        " › Disable public access",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
            "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
            'In the search bar, type in "key vaults"',
            'Select the "Networking" tab under Settings',
            "Disable public access by toggling off the radio button",
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/how-to-azure-key-vault-network-security.md",
            "0bd3e04dfb2af32dd1a96ee03c5dee551139d160",
            "Select Networking, and then select the Firewalls and virtual networks tab",
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Settings › Properties › Purge protection",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
            "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
            'In the search bar, type in "key vaults"',
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/soft-delete-change.md",
            "f967dca1253e71da7af95907d47cfc4fa38326f0",
            "Select Properties under Settings",
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/key-vault-recovery.md",
            "31f1480649260287a9f10880f7a9d5d538a4ef36",
            (
                "Purge protection is designed to prevent the deletion of your key vault, keys, secrets, and "
                "certificates by a malicious insider"
            ),
        ),
    ),
    ComparedPath(
        "Azure portal › Key vaults › {vault} › Settings › Access configuration › Azure role-based access control",
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/private-link-service.md",
            "6728ed8b29e828e57c6dea65ad93bc3f6d9335d8",
            'In the search bar, type in "key vaults"',
            'Select the "Networking" tab under Settings',
        ),
        DocsFile(
            "MicrosoftDocs/azure-security-docs/articles/key-vault/general/access-control-default.md",
            "0763e7a19e1c3a6607a33fbc41ee1f31a4a21f97",
            "you must explicitly set your Access Configuration to use vault access policy",
            (
                "learn how to migrate Azure Key Vault access control from access policies to Azure "
                "role-based access control"
            ),
        ),
        page="https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
    ),
]
