"""Settings of storage accounts, and the expected verdicts of the controls of these settings (`CONTROLS`)."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "storage-default-deny",
    "storage-pna-disabled",
    "storage-private-endpoint",
    "storage-trusted-services",
    "storage-min-tls",
    "storage-no-shared-key",
    "storage-entra-default",
    "storage-key-reminder",
    "storage-no-cross-tenant",
    "storage-infra-encryption",
    "storage-cmk",
    "storage-grs",
)


def write_settings(sub: Subscription, resource: str, kind: str, properties: Json, sku: Json) -> None:
    """Add settings to the properties of a storage account, and write the expected verdicts on all its settings."""
    rng = sub.rng.branch(f"settings/{resource}")

    closed = properties["publicNetworkAccess"] != "Enabled"
    rules = properties["networkAcls"]
    # With SecuredByPerimeter, only a network security perimeter lets networks in. No generated account belongs to a
    # perimeter, so this value closes the account. In a cloud that has no perimeters, the verdict on an account with
    # this value is manual.
    attested = properties["publicNetworkAccess"] == "SecuredByPerimeter" and sub.without_perimeters
    is_open = not closed and rules["defaultAction"] == "Allow"
    sub.expect("storage-default-deny", resource, "manual" if attested else "fail" if is_open else "pass")
    sub.expect_failure_if("storage-pna-disabled", resource, not closed)
    sub.expect_failure_if(
        "storage-trusted-services", resource, "AzureServices" not in rules.get("bypass", "AzureServices")
    )
    _private_endpoints(sub, resource, properties)

    old_tls = rng.faulty()
    if old_tls and (version := rng.pick(("TLS1_0", "TLS1_1", ""))):
        properties["minimumTlsVersion"] = version
    elif old_tls:
        del properties["minimumTlsVersion"]
    elif properties["minimumTlsVersion"] == "TLS1_0":
        properties["minimumTlsVersion"] = rng.pick(("TLS1_2", "TLS1_3"))
    sub.expect_failure_if("storage-min-tls", resource, old_tls)

    keys = properties["allowSharedKeyAccess"]
    sub.expect_failure_if("storage-no-shared-key", resource, keys)
    by_key = rng.often_faulty()
    properties["defaultToOAuthAuthentication"] = not by_key
    sub.expect_failure_if("storage-entra-default", resource, by_key and keys)
    if keys and (no_reminder := rng.often_faulty()) == ("keyPolicy" in properties):
        properties["keyPolicy"] = None if no_reminder else {"keyExpirationPeriodInDays": 90}
    if keys:
        sub.expect_failure_if("storage-key-reminder", resource, not properties.get("keyPolicy"))
    else:
        sub.expect("storage-key-reminder", resource, "not_applicable")

    properties["allowCrossTenantReplication"] = rng.faulty()
    if kind == "FileStorage":
        sub.expect("storage-no-cross-tenant", resource, "not_applicable")
    else:
        allowed = properties["allowCrossTenantReplication"]
        sub.expect_failure_if("storage-no-cross-tenant", resource, allowed)

    encryption = properties["encryption"]
    once = rng.often_faulty()
    if not once or rng.chance(0.3):
        encryption["requireInfrastructureEncryption"] = not once
    sub.expect_failure_if("storage-infra-encryption", resource, once)
    of_microsoft = rng.often_faulty()
    if not of_microsoft:
        encryption["keySource"] = "Microsoft.Keyvault"
        encryption["keyvaultproperties"] = {
            "keyvaulturi": "https://kv-keys.vault.azure.net",
            "keyname": "storage",
            "keyversion": rng.pick(("", "0123456789abcdef0123456789abcdef")),
        }
    sub.expect_failure_if("storage-cmk", resource, of_microsoft)

    if sku["tier"] == "Premium":
        sub.expect("storage-grs", resource, "not_applicable")
    else:
        one_region = rng.often_faulty()
        copies = ("LRS", "ZRS") if one_region else ("GRS", "RAGRS", "GZRS", "RAGZRS")
        sku["name"] = f"Standard_{rng.pick(copies)}"
        if not one_region:
            properties["statusOfSecondary"] = "available"
        sub.expect_failure_if("storage-grs", resource, one_region)


def _private_endpoints(sub: Subscription, resource: str, properties: Json) -> None:
    rng = sub.rng.branch(f"private endpoints/{resource}")
    none_usable = rng.often_faulty()
    states = rng.pick(((), (), ("Pending",), ("Rejected",))) if none_usable else ("Approved",)
    properties["privateEndpointConnections"] = [
        {
            "id": f"{resource}/privateEndpointConnections/pe-{number}",
            "name": f"pe-{number}",
            "type": "Microsoft.Storage/storageAccounts/privateEndpointConnections",
            "properties": {
                "provisioningState": "Succeeded",
                "privateEndpoint": {
                    "id": f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/privateEndpoints/pe-{number}"
                },
                "privateLinkServiceConnectionState": {"status": state, "actionRequired": "None"},
            },
        }
        for number, state in enumerate(states, 1)
    ]
    sub.expect_failure_if("storage-private-endpoint", resource, none_usable)
