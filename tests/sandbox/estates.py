"""Estates for the tests, as lists of lines."""

from functools import cache
from typing import Any

from tests.factories.azure import certificate_pair

TENANT = "90000000-0000-0000-0000-000000000009"
OTHER_TENANT = "90000000-0000-0000-0000-00000000000b"
ALL, PART, CERTIFIED, EXPIRED, OUTDATED = (f"c0000000-0000-0000-0000-00000000000{n}" for n in range(1, 6))
PROD, TEST, CLOSED, FOREIGN = (f"10000000-0000-0000-0000-00000000000{n}" for n in range(1, 5))
S = f"/subscriptions/{PROD}"
DATA = f"{S}/resourceGroups/rg-data"
NET = f"{S}/resourceGroups/Rg-Net"
SERVER = f"{DATA}/providers/Microsoft.Sql/servers/sql1"
ACCOUNTS = 7
OWNER_ROLE = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
Line = dict[str, Any]


@cache
def certificate(*, expired: bool = False) -> tuple[str, bytes]:
    """Return a self-signed RSA certificate in PEM, and the PEM of key and certificate together."""
    return certificate_pair(-1 if expired else 1)


def document(identifier: str, /, **more: Any) -> Line:
    """Return an ARM document with name and type from its id."""
    parts = identifier.rpartition("/providers/")[2].split("/")
    kind = "/".join([parts[0], *parts[1::2]])
    return {"id": identifier, "name": parts[-1], "type": kind, **more}


def directory(tenant: str, clients: list[Line]) -> Line:
    return {"directory": {"tenantId": tenant, "clients": clients}}


def subscription(identifier: str, tenant: str, state: str = "Enabled") -> Line:
    return {
        "id": f"/subscriptions/{identifier}",
        "subscriptionId": identifier,
        "displayName": f"subscription {identifier[-1]}",
        "tenantId": tenant,
        "state": state,
    }


def role(name: str, scope: str, kind: str) -> Line:
    identifier = f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    permission = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}
    return document(
        identifier,
        properties={
            "roleName": f"role {name}",
            "type": kind,
            "assignableScopes": [scope or "/"],
            "permissions": [permission],
        },
    )


def assignment(name: str, scope: str) -> Line:
    return document(
        f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        properties={
            "scope": scope or "/",
            "principalId": "a0000000-0000-0000-0000-00000000000a",
            "principalType": "User",
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{OWNER_ROLE}",
        },
    )


def main_estate() -> list[Line]:
    """Return a directory with five clients, three subscriptions and documents for all tests."""
    users = [
        {
            "id": f"a0000000-0000-0000-0000-00000000000{n:x}",
            "displayName": f"User {n}",
            "userPrincipalName": f"user{n}@example.org",
            "userType": "Guest" if n % 3 == 0 else "Member",
            "accountEnabled": n != 3,
            "createdDateTime": f"2024-01-0{n}T09:00:00Z",
        }
        for n in range(1, 8)
    ]
    view = {"vmAgent": {"vmAgentVersion": "2.7", "statuses": [{"code": "ProvisioningState/succeeded"}]}}
    group = {"type": "Microsoft.Resources/resourceGroups", "location": "westeurope"}
    return [
        directory(
            TENANT,
            [
                {"clientId": ALL, "secret": "s3cret", "subscriptions": ["*"], "graph": ["*"]},
                {"clientId": PART, "secret": "s4cret", "subscriptions": [TEST], "graph": ["User.Read.All"]},
                {"clientId": CERTIFIED, "certificate": certificate()[0], "subscriptions": [PROD]},
                {"clientId": EXPIRED, "certificate": certificate(expired=True)[0], "subscriptions": [PROD]},
                {
                    "clientId": OUTDATED,
                    "secret": "s5cret",
                    "secretExpires": "2020-01-01T00:00:00Z",
                    "subscriptions": ["*"],
                },
            ],
        ),
        subscription(PROD, TENANT),
        subscription(CLOSED, TENANT, "Disabled"),
        {"id": DATA, "name": "rg-data", "properties": {"provisioningState": "Succeeded"}, **group},
        {"id": NET, "name": "Rg-Net", "properties": {"provisioningState": "Succeeded"}, **group},
        *(
            document(
                f"{DATA}/providers/Microsoft.Storage/storageAccounts/account{n}",
                kind="StorageV2",
                location="westeurope",
                sku={"name": "Standard_LRS", "tier": "Standard"},
                tags={"owner": "data"} if n else None,
                properties={
                    "supportsHttpsTrafficOnly": n > 0,
                    "creationTime": "2024-03-01T10:00:00.1234567Z",
                },
            )
            for n in range(ACCOUNTS)
        ),
        *(
            document(
                f"{DATA}/providers/Microsoft.Storage/storageAccounts/account0/blobServices/default/containers/c{n}",
                properties={"publicAccess": "None"},
            )
            for n in range(3)
        ),
        document(SERVER, kind="v12.0", location="westeurope", properties={"version": "12.0"}),
        document(f"{SERVER}/databases/db1", location="westeurope", properties={"status": "Online"}),
        *(
            document(
                f"{SERVER}/firewallRules/rule{n}",
                properties={"startIpAddress": "10.0.0.1", "endIpAddress": "10.0.0.9"},
            )
            for n in range(4)
        ),
        document(
            f"{NET}/providers/Microsoft.Network/networkSecurityGroups/nsg1",
            location="westeurope",
            properties={"securityRules": [], "defaultSecurityRules": []},
        ),
        document(
            f"{NET}/providers/Microsoft.Network/networkWatchers/w1", location="westeurope", properties={}
        ),
        document(
            f"{NET}/providers/Microsoft.Network/networkWatchers/w1/flowLogs/f1",
            location="westeurope",
            properties={"enabled": True, "retentionPolicy": {"days": 0, "enabled": False}},
        ),
        document(
            f"{NET}/providers/Microsoft.Compute/virtualMachines/vm1",
            location="westeurope",
            properties={"vmId": "v1", "hardwareProfile": {"vmSize": "B1"}, "instanceView": view},
        ),
        document(
            f"{NET}/providers/Microsoft.Compute/virtualMachines/vm1/extensions/agent",
            location="westeurope",
            properties={"publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"},
        ),
        *(
            document(f"{S}/providers/Microsoft.Security/pricings/{plan}", properties={"pricingTier": tier})
            for plan, tier in (("VirtualMachines", "Free"), ("SqlServers", "Standard"), ("Dns", "Free"))
        ),
        document(
            f"{NET}/providers/Microsoft.Compute/virtualMachines/vm1/providers/Microsoft.Security/assessments/a1",
            properties={"status": {"code": "Unhealthy"}, "displayName": "patch me"},
        ),
        document(
            f"{NET}/providers/Microsoft.Compute/virtualMachines/vm1/providers/Microsoft.Security/assessments/a1"
            "/subAssessments/b1",
            properties={"status": {"code": "Unhealthy"}},
        ),
        document("/providers/Microsoft.Security/assessmentMetadata/a1", properties={"severity": "High"}),
        document(
            f"{S}/providers/Microsoft.Insights/diagnosticSettings/audit",
            properties={"storageAccountId": f"{DATA}/providers/Microsoft.Storage/storageAccounts/account0"},
        ),
        document(
            f"{SERVER}/databases/master/providers/Microsoft.Insights/diagnosticSettings/sql",
            properties={"logs": [{"category": "SQLSecurityAuditEvents", "enabled": True}]},
        ),
        role(OWNER_ROLE, "", "BuiltInRole"),
        role("d0000000-0000-0000-0000-000000000001", S, "CustomRole"),
        assignment("e0000000-0000-0000-0000-000000000001", ""),
        assignment("e0000000-0000-0000-0000-000000000002", S),
        assignment("e0000000-0000-0000-0000-000000000003", DATA),
        assignment("e0000000-0000-0000-0000-000000000004", SERVER),
        document(
            f"/subscriptions/{TEST}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/elsewhere",
            location="eastus",
            properties={},
        ),
        *({"graph": "users", "value": user} for user in users),
        {"graph": "policies/authorizationPolicy", "value": {"id": "authorizationPolicy"}},
        {"graph": "identity/conditionalAccess/policies", "value": []},
        {"graph": "domains", "value": {"id": "example.org", "isVerified": True}},
        {"graph": "new/readable", "value": [], "permissions": ["New.Read.All", "User.Read.All"]},
        {"graph": "new/forbidden", "value": [], "permissions": ["New.Read.All"]},
        {
            "graph": "roleManagement/directory/roleAssignments",
            "value": [{"id": "ra1", "principalId": users[0]["id"], "roleDefinitionId": "r1"}],
        },
        {
            "graph": "groups/g1/transitiveMembers",
            "value": [
                {"@odata.type": "#microsoft.graph.user", "id": "m1"},
                {"@odata.type": "#microsoft.graph.group", "id": "m2"},
            ],
        },
        *answers(),
    ]


def answers() -> list[Line]:
    """Return scripted answers of every kind."""
    base = f"{S}/providers/Microsoft.Scripted"
    return [
        {
            "answer": {
                "path": f"{base}/Forbidden",
                "status": 403,
                "body": {"error": {"code": "AuthorizationFailed"}},
            }
        },
        {"answer": {"path": f"{base}//busy/", "status": 429, "headers": {"Retry-After": "0"}, "times": 2}},
        {"answer": {"path": f"{base}/busy", "status": 200, "body": {"value": [1]}, "times": 1}},
        {"answer": {"path": f"{base}/empty", "status": 200, "body": None, "delay_ms": 150}},
        {
            "answer": {
                "path": f"{base}/text",
                "status": 200,
                "body": "<html>",
                "headers": {"Content-Type": "text/html"},
            }
        },
        {"answer": {"path": "/v1.0/groupSettings", "status": 403, "body": {"error": {"code": "Licence"}}}},
    ]


def other_estate() -> list[Line]:
    """Return the estate of another customer, without a line for its directory."""
    return [
        subscription(FOREIGN, OTHER_TENANT),
        document(
            f"/subscriptions/{FOREIGN}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/foreign",
            location="eastus",
            properties={},
        ),
    ]
