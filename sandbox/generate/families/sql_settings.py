"""Settings of SQL servers and managed instances, and the expected verdicts of
assessments/controls/sql/server_settings.py."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "sql-entra-admin",
    "sql-entra-only",
    "sql-min-tls",
    "sql-private-endpoint",
    "sql-mi-public-endpoint",
)


def write_settings(sub: Subscription, resource: str, properties: Json) -> None:
    """Add settings to the properties of a SQL server or managed instance, and write the expected verdicts."""
    rng = sub.rng.branch(f"settings/{resource}")
    no_admin, logins = rng.faulty(), rng.often_faulty()
    if not no_admin:
        properties["administrators"] = {
            "administratorType": "ActiveDirectory",
            "principalType": rng.pick(("Group", "Group", "User")),
            "login": "sql-admins",
            "sid": rng.guid(),
            "tenantId": sub.directory,
            "azureADOnlyAuthentication": not logins,
        }
    sub.expect_failure_if("sql-entra-admin", resource, no_admin)
    sub.expect_failure_if("sql-entra-only", resource, no_admin or logins)

    old_tls = rng.faulty()
    properties["minimalTlsVersion"] = rng.pick(("1.0", "1.1", "None") if old_tls else ("1.2", "1.2", "1.3"))
    sub.expect_failure_if("sql-min-tls", resource, old_tls)


def write_private_endpoints(sub: Subscription, resource: str, properties: Json) -> None:
    """Add private endpoints to the properties of a SQL server or managed instance, and write the expected verdict.

    A managed instance without a public endpoint needs no private endpoint.
    """
    rng = sub.rng.branch(f"private endpoints/{resource}")
    if properties.get("publicDataEndpointEnabled") is False:
        sub.expect_failure_if("sql-private-endpoint", resource, False)
        return
    none_usable = rng.often_faulty()
    states = rng.pick(((), ("Pending",), ("Rejected",))) if none_usable else ("Approved",)
    properties["privateEndpointConnections"] = [
        {
            "id": f"{resource}/privateEndpointConnections/pe-{number}",
            "properties": {
                "provisioningState": "Ready",
                "privateEndpoint": {
                    "id": f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/privateEndpoints/pe-{number}"
                },
                "privateLinkServiceConnectionState": {"status": state, "actionsRequired": "None"},
            },
        }
        for number, state in enumerate(states, 1)
    ]
    sub.expect_failure_if("sql-private-endpoint", resource, none_usable)
