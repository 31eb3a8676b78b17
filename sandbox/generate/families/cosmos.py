"""Cosmos DB accounts, and the expected verdicts of assessments/controls/cosmos/account_settings.py."""

from __future__ import annotations

from sandbox.generate.flexible_servers import Place
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

KIND = "Microsoft.DocumentDB/databaseAccounts"
_ANY = "0.0.0.0"  # noqa: S104 - an address in a rule, nothing listens here
CONTROLS = (
    "cosmos-firewall",
    "cosmos-no-azure-services",
    "cosmos-pna",
    "cosmos-pe",
    "cosmos-rbac",
    "cosmos-tls",
    "cosmos-failover",
    "cosmos-backup-continuous",
)


def write(sub: Subscription) -> None:
    """With a probability of one half, write a Cosmos DB account, unless the subscription already has one."""
    if KIND not in sub.types_seen and sub.rng.chance(0.5):
        write_cosmos(sub, sub.group("data"), f"cosmos-{sub.rng.letters(8)}")


def write_cosmos(sub: Subscription, place: Place, name: str) -> None:
    """Write an account and the expected verdicts."""
    rng = sub.rng
    group, region, tags = place
    resource = sub.id_of(group, KIND, name)
    is_mongo, region_count = rng.chance(0.25), rng.pick((1, 2, 2, 3))
    properties: Json = {
        "provisioningState": "Succeeded",
        "databaseAccountOfferType": "Standard",
        "locations": [
            {"id": f"{name}-{number}", "locationName": f"{region} {number}", "failoverPriority": number}
            for number in range(region_count)
        ],
    }
    is_public = rng.often_faulty()
    properties["publicNetworkAccess"] = "Enabled" if is_public else "Disabled"
    sub.expect_failure_if("cosmos-pna", resource, is_public)
    to_all, to_azure = rng.faulty(), rng.faulty()
    rules = [] if to_all else ["198.51.100.0/24"]
    if to_azure and not to_all:
        rules.append(_ANY)
    properties["ipRules"] = [{"ipAddressOrRange": rule} for rule in rules]
    sub.expect_failure_if("cosmos-firewall", resource, is_public and to_all)
    sub.expect_failure_if("cosmos-no-azure-services", resource, is_public and _ANY in rules)
    without_endpoint = rng.often_faulty()
    properties["privateEndpointConnections"] = [
        {
            "id": f"{resource}/privateEndpointConnections/pe-1",
            "properties": {
                "privateLinkServiceConnectionState": {
                    "status": "Rejected" if without_endpoint else "Approved",
                    "actionsRequired": "None",
                }
            },
        }
    ]
    sub.expect_failure_if("cosmos-pe", resource, without_endpoint)
    accepts_keys, old_tls = rng.often_faulty(), rng.faulty()
    properties["disableLocalAuth"] = not accepts_keys
    if is_mongo:
        properties["capabilities"] = [{"name": "EnableMongo"}]
        sub.expect("cosmos-rbac", resource, "not_applicable")
        sub.expect_failure_if("cosmos-tls", resource, False)
    else:
        properties["minimalTlsVersion"] = rng.pick(("Tls", "Tls11")) if old_tls else "Tls12"
        sub.has_nosql_accounts = True
        sub.expect_failure_if("cosmos-rbac", resource, accepts_keys)
        sub.expect_failure_if("cosmos-tls", resource, old_tls)
    no_failover, periodic = rng.often_faulty(), rng.often_faulty()
    properties["enableAutomaticFailover"] = not no_failover
    if region_count == 1:
        sub.expect("cosmos-failover", resource, "not_applicable")
    else:
        sub.expect_failure_if("cosmos-failover", resource, no_failover)
    properties["backupPolicy"] = {"type": "Periodic" if periodic else "Continuous"}
    sub.expect_failure_if("cosmos-backup-continuous", resource, periodic)
    kind = "MongoDB" if is_mongo else "GlobalDocumentDB"
    sub.write(group, KIND, name, properties, location=region, tags=tags, kind=kind)
