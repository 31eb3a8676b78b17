"""Key vaults and managed HSMs, with the expected verdicts of assessments/controls/keyvault."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_SETTINGS = ("keyvault-rbac", "keyvault-purge-protection", "keyvault-pna", "keyvault-pe")
CONTROLS = (*_SETTINGS, "keyvault-hsm-required")


def write(sub: Subscription) -> None:
    """Write a key vault into most subscriptions, and a managed HSM into a few."""
    rng = sub.rng
    has_vault, has_hsm = rng.chance(0.7), rng.chance(0.08)
    if has_vault or has_hsm:
        sub.expect("keyvault-hsm-required", sub.id, "manual")
    if has_vault:
        _write_vault(sub)
    if has_hsm:
        _write_hsm(sub)


def _write_vault(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"kv-{rng.letters(8)}"
    resource = sub.id_of(group, "Microsoft.KeyVault/vaults", name)
    properties: Json = {
        "tenantId": sub.directory,
        "sku": {"family": "A", "name": rng.pick(("standard", "standard", "premium"))},
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": rng.pick((90, 90, 7)),
        "vaultUri": f"https://{name}.vault.azure.net/",
        "provisioningState": "Succeeded",
    }
    by_policies = rng.often_faulty()
    if not by_policies or rng.chance(0.5):
        properties["enableRbacAuthorization"] = not by_policies
    sub.expect_failure_if("keyvault-rbac", resource, by_policies)
    without = rng.faulty()
    if not without:
        properties["enablePurgeProtection"] = True
    sub.expect_failure_if("keyvault-purge-protection", resource, without)
    is_open = rng.faulty()
    if is_open:
        properties |= rng.pick(
            (
                {},
                {"publicNetworkAccess": "Enabled"},
                {"networkAcls": _firewall("Allow"), "publicNetworkAccess": "Enabled"},
            )
        )
    else:
        properties |= rng.pick(
            (
                {"publicNetworkAccess": "Disabled"},
                {"publicNetworkAccess": "Enabled", "networkAcls": _firewall("Deny", "203.0.113.0/24")},
            )
        )
    sub.expect_failure_if("keyvault-pna", resource, is_open)
    without_endpoint = rng.often_faulty()
    if not without_endpoint or rng.chance(0.3):
        properties["privateEndpointConnections"] = [
            {
                "id": f"{resource}/privateEndpointConnections/pe-1",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateLinkServiceConnectionState": {
                        "status": "Pending" if without_endpoint else "Approved",
                        "actionsRequired": "None",
                    },
                },
            }
        ]
    sub.expect_failure_if("keyvault-pe", resource, without_endpoint)
    sub.write(group, "Microsoft.KeyVault/vaults", name, properties, location=region, tags=tags)


def _firewall(action: str, *networks: str) -> Json:
    return {
        "bypass": "AzureServices",
        "defaultAction": action,
        "ipRules": [{"value": network} for network in networks],
        "virtualNetworkRules": [],
    }


def _write_hsm(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"hsm-{rng.letters(8)}"
    without = rng.faulty()
    properties: Json = {
        "tenantId": sub.directory,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "enablePurgeProtection": not without,
        "provisioningState": "Succeeded",
    }
    resource = sub.write(
        group,
        "Microsoft.KeyVault/managedHSMs",
        name,
        properties,
        location=region,
        tags=tags,
        sku={"family": "B", "name": "Standard_B1"},
    )
    sub.expect_failure_if("keyvault-purge-protection", resource, without)
