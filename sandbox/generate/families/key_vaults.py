"""Generate key vaults with their keys, secrets and locks, and managed HSMs. The expected verdicts are those of
assessments/controls/keyvault, logging-keyvault and lock-mission-critical.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_SETTINGS = ("keyvault-rbac", "keyvault-purge-protection", "keyvault-pna", "keyvault-pe")
# {whether the key vault uses Azure roles instead of access policies: control on the expiry of its keys or secrets}
_OF_KEYS = {True: "keyvault-key-expiry-rbac", False: "keyvault-key-expiry"}
_OF_SECRETS = {True: "keyvault-secret-expiry-rbac", False: "keyvault-secret-expiry"}
CONTROLS = (
    *_SETTINGS,
    *_OF_KEYS.values(),
    *_OF_SECRETS.values(),
    "keyvault-rotation",
    "keyvault-certificate-validity",
    "keyvault-hsm-required",
    "logging-keyvault",
    "lock-mission-critical",
)


def write(sub: Subscription) -> None:
    """Write a key vault into most subscriptions, and a managed HSM into a few subscriptions."""
    rng = sub.rng
    has_vault, has_hsm = rng.chance(0.7), rng.chance(0.08)
    if has_vault or has_hsm:
        sub.expect("keyvault-hsm-required", sub.id, "manual")
    is_marked = has_vault and rng.chance(0.5)
    if not is_marked:
        sub.expect("lock-mission-critical", sub.id, "manual" if sub.types_seen else None)
    if has_vault:
        _write_vault(sub, is_marked=is_marked)
    if has_hsm:
        _write_hsm(sub)


def _write_vault(sub: Subscription, *, is_marked: bool) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    if is_marked:
        tags = {**tags, "criticality": "high"}
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
    _write_items(sub, group, name, with_roles=not by_policies)
    _write_log_setting(sub, resource)
    if is_marked:
        _write_lock(sub, resource)


def _write_items(sub: Subscription, group: str, vault: str, *, with_roles: bool) -> None:
    """Write a key and a secret. Sometimes also write a certificate, which has its own key and secret."""
    rng = sub.rng
    resource = sub.id_of(group, "Microsoft.KeyVault/vaults", vault)
    for controls in (_OF_KEYS, _OF_SECRETS):
        sub.expect(controls[not with_roles], resource, "not_applicable")
    endless = rng.often_faulty()
    key = _item(sub, group, f"{vault}/orders", "keys", None if endless else rng.time_ago(30, 300), 400)
    sub.expect_failure_if(_OF_KEYS[with_roles], key, endless)
    endless = rng.often_faulty()
    secret = _item(
        sub, group, f"{vault}/database-password", "secrets", None if endless else rng.time_ago(30, 300), 400
    )
    sub.expect_failure_if(_OF_SECRETS[with_roles], secret, endless)
    sub.expect_failure_if("keyvault-rotation", key, _is_never_rotated(sub, key))
    too_long = False
    if rng.chance(0.4):
        too_long = rng.faulty()
        begin = rng.time_ago(10, 200)
        for kind, controls in (("keys", _OF_KEYS), ("secrets", _OF_SECRETS)):
            of_certificate = _item(sub, group, f"{vault}/tls", kind, begin, 730 if too_long else 365)
            sub.expect(controls[with_roles], of_certificate, "pass")
            if kind == "keys":
                sub.expect("keyvault-rotation", of_certificate, "not_applicable")
    sub.expect("keyvault-certificate-validity", resource, "fail" if too_long else "manual")


def _item(sub: Subscription, group: str, name: str, kind: str, begin: datetime | None, days: int) -> str:
    """Write a key or a secret, and return its id.

    The key or secret is valid for `days` days from `begin`. If `begin` is None, the key or secret never expires.
    """
    attributes: Json = {"enabled": True, "created": 1700000000, "updated": 1700000000}
    if begin is not None:
        attributes |= {
            "nbf": int(begin.timestamp()),
            "exp": int((begin + timedelta(days=days)).timestamp()),
        }
    properties: Json = {"attributes": attributes}
    if kind == "keys":
        rotates = not _is_never_rotated(sub, sub.id_of(group, "Microsoft.KeyVault/vaults/keys", name))
        action = "rotate" if rotates else "notify"
        trigger = {"timeAfterCreate": "P18M"} if rotates else {"timeBeforeExpiry": "P30D"}
        properties["kty"] = "RSA"
        properties["rotationPolicy"] = {
            "attributes": {"expiryTime": "P2Y"},
            "lifetimeActions": [{"action": {"type": action}, "trigger": trigger}],
        }
    return sub.write(group, f"Microsoft.KeyVault/vaults/{kind}", name, properties)


def _is_never_rotated(sub: Subscription, key: str) -> bool:
    """Return whether the key has no automatic rotation. This is a random fault."""
    return sub.rng.branch(f"rotation/{key}").often_faulty()


def _write_log_setting(sub: Subscription, resource: str) -> None:
    """Write a diagnostic setting that exports the audit log. As a random fault, write no such setting."""
    rng = sub.rng
    missing = rng.faulty()
    sub.expect_failure_if("logging-keyvault", resource, missing)
    if missing:
        return
    workspace = sub.id_of("rg-logs", "Microsoft.OperationalInsights/workspaces", "log-security")
    log = rng.pick(({"category": "AuditEvent"}, {"categoryGroup": "audit"}, {"categoryGroup": "allLogs"}))
    sub.out.document(
        {
            "id": f"{resource}/providers/Microsoft.Insights/diagnosticSettings/audit",
            "name": "audit",
            "type": "Microsoft.Insights/diagnosticSettings",
            "properties": {
                "storageAccountId": None,
                "workspaceId": workspace,
                "eventHubAuthorizationRuleId": None,
                "logs": [{**log, "enabled": True}],
            },
        }
    )


def _write_lock(sub: Subscription, resource: str) -> None:
    """Write a resource lock of the vault. As a random fault, write no lock."""
    missing = sub.rng.often_faulty()
    sub.expect_failure_if("lock-mission-critical", resource, missing)
    if not missing:
        sub.out.document(
            {
                "id": f"{resource}/providers/Microsoft.Authorization/locks/no-delete",
                "name": "no-delete",
                "type": "Microsoft.Authorization/locks",
                "properties": {"level": "CanNotDelete"},
            }
        )


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
    _write_log_setting(sub, resource)
