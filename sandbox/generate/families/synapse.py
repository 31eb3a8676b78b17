"""Azure Synapse workspaces, with the expected verdicts of assessments/controls/synapse.

Format: Microsoft.Synapse/workspaces 2021-06-01.
"""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = ("synapse-entra-only", "synapse-firewall", "synapse-pna", "synapse-pe")
_TYPE = "Microsoft.Synapse/workspaces"
_ANY = "0.0.0.0"  # noqa: S104 - an address in a rule, nothing listens here
_OPEN = (("allowAll", _ANY, "255.255.255.255"), ("AllowAllWindowsAzureIps", _ANY, _ANY))
_OFFICE = ("office", "203.0.113.0", "203.0.113.255")


def write(sub: Subscription) -> None:
    """Write an Azure Synapse workspace into some subscriptions."""
    rng = sub.rng
    if not rng.chance(0.4):
        return
    group, region, tags = sub.group("analytics")
    name = f"syn-{rng.letters(6)}"
    workspace = sub.id_of(group, _TYPE, name)
    with_passwords = rng.often_faulty()
    is_private = not rng.branch("access").often_faulty()
    without_endpoint = rng.branch("endpoint").often_faulty()
    sub.expect_failure_if("synapse-pna", workspace, not is_private)
    sub.expect_failure_if("synapse-pe", workspace, without_endpoint)
    properties: Json = {
        "provisioningState": "Succeeded",
        "defaultDataLakeStorage": {
            "accountUrl": f"https://st{rng.letters(8)}.dfs.core.windows.net",
            "filesystem": "default",
        },
        "managedVirtualNetwork": "default",
        "managedResourceGroupName": f"synapse-rg-{name}",
        "sqlAdministratorLogin": "sqladminuser",
        "publicNetworkAccess": "Disabled" if is_private else "Enabled",
        "privateEndpointConnections": connections(
            rng.branch("connections"), workspace, _TYPE, is_missing=without_endpoint
        ),
    }
    if not with_passwords or rng.chance(0.5):
        properties["azureADOnlyAuthentication"] = not with_passwords
    sub.expect_failure_if("synapse-entra-only", workspace, with_passwords)
    is_open = rng.faulty()
    sub.expect_failure_if("synapse-firewall", workspace, is_open and not is_private)
    for rule, first, last in (_OFFICE, *([rng.pick(_OPEN)] if is_open else [])):
        sub.write(
            group,
            f"{_TYPE}/firewallRules",
            f"{name}/{rule}",
            {"startIpAddress": first, "endIpAddress": last, "provisioningState": "Succeeded"},
        )
    sub.write(group, _TYPE, name, properties, location=region, tags=tags)
