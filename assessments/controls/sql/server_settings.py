"""Controls of the administrator, sign-in, TLS and endpoints of SQL servers and managed instances.

Properties: the models of azure-mgmt-sql 4.0.0, and the examples ServerListWithExpandEqualsAdministrators and
ManagedInstanceListWithExpandEqualsAdministrators of the specification of api-version 2025-01-01.
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import (
    PRIVATE_ENDPOINT_COST,
    PRIVATE_ENDPOINT_EFFECTS,
    private_endpoint,
    private_endpoint_steps,
    private_endpoint_variables,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.sql import MANAGED_INSTANCES, SQL_SERVERS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_SERVER: Final = "Azure portal › SQL servers › {server} ›"
_INSTANCE: Final = "Azure portal › SQL managed instances › {instance} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/azure-sql"
_ENTRA_ONLY: Final = f"{_LEARN}/database/authentication-azure-ad-only-authentication-tutorial"
_PUBLIC_ENDPOINT: Final = f"{_LEARN}/managed-instance/public-endpoint-configure"
_SERVERS: Final = ("microsoft.sql/servers",)
_INSTANCES: Final = ("microsoft.sql/managedinstances",)
# The arguments of `SettingControl` that each control needs if it judges managed instances besides SQL servers.
_BOTH: Final[dict[str, Any]] = {
    "also": (MANAGED_INSTANCES,),
    "subject_type": "Microsoft.Sql/servers, Microsoft.Sql/managedInstances",
    "empty_reason": "No SQL server or managed instance",
}

WITHOUT_MINIMUM: Final = Parameter(
    "without_minimum",
    "unknown",
    "Verdict on servers and instances whose minimum version of TLS Azure does not show",
    label="Servers that show no minimum version of TLS",
    choices=("unknown", "fail"),
)
_VERSIONS: Final = frozenset({"none", "0", "1.0", "1.1", "1.2", "1.3"})


def belongs_to_synapse(server: View) -> bool:
    """Return whether the server belongs to a Synapse workspace. The workspace of such a server sets the server's
    administrator, sign-in and endpoints.
    """
    if server.collection != SQL_SERVERS.name:
        return False
    return "analytics" in server.text("kind", default="").casefold().split(",")


def _unless_of_synapse(server: View, ctx: Context) -> Verdict | None:
    if not belongs_to_synapse(server):
        return None
    return not_applicable("The server belongs to a Synapse workspace, which decides about SQL logins")


def _entra_admin(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    if not properties.has("administrators"):
        return failed("No Microsoft Entra administrator is set", principalType=None)
    administrator = properties.object("administrators")
    administrator.text("sid")  # Evidence masks the id, so judge only whether an id is present.
    kind = administrator.raw("principalType")
    remarks = []
    if str(kind).casefold() == "user":
        remarks.append("The administrator is a single person, not a group")
    own = ctx.estate.directory_id.casefold()
    if own and str(administrator.raw("tenantId") or own).casefold() != own:
        remarks.append("The administrator belongs to another directory")
    if belongs_to_synapse(resource):
        remarks.append("The administrator is set in the Synapse workspace of the server")
    return passed("A Microsoft Entra administrator is set", remarks=remarks, principalType=kind)


def _entra_only(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    if not properties.has("administrators"):
        return failed(
            "SQL logins can sign in, because no Microsoft Entra administrator is set",
            azureADOnlyAuthentication=None,
        )
    administrator = properties.object("administrators")
    setting = administrator.raw("azureADOnlyAuthentication")
    if administrator.flag("azureADOnlyAuthentication", default=False):
        return passed("Only Microsoft Entra accounts can sign in", azureADOnlyAuthentication=setting)
    return failed("SQL logins can sign in", azureADOnlyAuthentication=setting)


def _min_tls(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    setting = properties.raw("minimalTlsVersion")
    if setting is None and ctx.params[WITHOUT_MINIMUM.name] == "fail":
        return failed("Azure does not show the minimum version", minimalTlsVersion=None)
    version = properties.choice("minimalTlsVersion", _VERSIONS)
    if version in ("1.2", "1.3"):
        return passed("Connections need TLS 1.2 or newer", minimalTlsVersion=setting)
    # Source of the remark: https://learn.microsoft.com/azure/azure-sql/database/connectivity-settings
    reason = (
        "TLS 1.1 or older is the minimum version"
        if version in ("1.0", "1.1")
        else "No minimum version is set"
    )
    return failed(
        reason,
        remarks=["Since 31 August 2025, Azure SQL itself refuses TLS 1.0 and 1.1"],
        minimalTlsVersion=setting,
    )


def _private_endpoint(resource: View, ctx: Context) -> Verdict:
    if belongs_to_synapse(resource):
        return not_applicable("The server belongs to a Synapse workspace, which has the private endpoints")
    is_instance = resource.collection == MANAGED_INSTANCES.name
    if is_instance and not resource.object("properties").flag("publicDataEndpointEnabled"):
        return passed(
            "The public endpoint is off, so the instance is reachable only from private networks",
            publicDataEndpointEnabled=False,
        )
    return private_endpoint(resource, ctx)


CONTROLS = (
    *declare_settings(
        __name__,
        SQL_SERVERS,
        SettingControl(
            "sql-entra-admin",
            title="SQL servers have a Microsoft Entra administrator",
            problem="SQL server without a Microsoft Entra administrator",
            expected="A Microsoft Entra administrator is set",
            judged="`administrators` of each logical SQL server and managed instance. A person as the administrator,"
            " and an administrator of another directory, add a remark.",
            why="Without such an administrator, everybody uses SQL logins, which have no MFA and stay when a person"
            " leaves.",
            severity=Severity.HIGH,
            labels={"principalType": "Kind of administrator"},
            judge=_entra_admin,
            references=References(
                c2="4.1.4", c3="5.1.4", mcsb="IM-1", nist="AC-2 AC-2(1) AC-2(7) AC-3 IA-2 IA-4"
            ),
            fix=Fix(
                command(
                    "az sql server ad-admin create --resource-group {group} --server {server}"
                    f" --display-name {{admin_name}} --object-id {{admin_id}}{_SUBSCRIPTION}",
                    "SQL server: make a group the administrator.",
                    kinds=_SERVERS,
                ),
                command(
                    "az sql mi ad-admin create --resource-group {group} --managed-instance {instance}"
                    f" --display-name {{admin_name}} --object-id {{admin_id}}{_SUBSCRIPTION}",
                    "Managed instance: make a group the administrator.",
                    kinds=_INSTANCES,
                ),
                portal=f"{_SERVER} Settings › Microsoft Entra ID › Set admin",
                portal_source=f"{_LEARN}/database/authentication-aad-configure",
                portals={
                    _INSTANCES[0]: PortalPath(
                        f"{_INSTANCE} Settings › Microsoft Entra admin › Set admin",
                        f"{_LEARN}/database/authentication-aad-configure",
                    )
                },
                effects="The members of the group can read and change all databases.",
                variables=[
                    Variable("admin_name", "Name of the group that administers the server", "sql-admins"),
                    Variable("admin_id", "Object id of the group that administers the server", EXAMPLE_GUID),
                ],
            ),
            **_BOTH,
        ),
        SettingControl(
            "sql-entra-only",
            title="SQL servers accept only Microsoft Entra accounts",
            problem="SQL server accepts SQL logins",
            expected="Only Microsoft Entra accounts can sign in",
            judged="`administrators.azureADOnlyAuthentication` of each logical SQL server and managed instance. If the"
            " property is absent, it counts as off. Servers of a Synapse workspace are not applicable.",
            why="SQL logins have passwords without multifactor authentication, and Conditional Access does not apply to"
            " them.",
            severity=Severity.MEDIUM,
            unless=(_unless_of_synapse,),
            judge=_entra_only,
            references=References(mcsb="IM-1", nist="IA-2*"),
            fix=Fix(
                command(
                    f"az sql server ad-only-auth enable --resource-group {{group}} --name {{server}}{_SUBSCRIPTION}",
                    "SQL server: first set a Microsoft Entra administrator, and move every application to Microsoft"
                    " Entra accounts.",
                    kinds=_SERVERS,
                ),
                command(
                    f"az sql mi ad-only-auth enable --resource-group {{group}} --name {{instance}}{_SUBSCRIPTION}",
                    "Managed instance: first set a Microsoft Entra administrator, and move every application to"
                    " Microsoft Entra accounts.",
                    kinds=_INSTANCES,
                ),
                portal=f"{_SERVER} Settings › Microsoft Entra ID › Support only Microsoft Entra authentication for this"
                " server",
                portal_source=_ENTRA_ONLY,
                portals={
                    _INSTANCES[0]: PortalPath(
                        f"{_INSTANCE} Settings › Microsoft Entra admin › Support only Microsoft Entra authentication"
                        " for this managed instance",
                        _ENTRA_ONLY,
                    )
                },
                # https://learn.microsoft.com/azure/azure-sql/database/authentication-azure-ad-only-authentication
                effects="SQL logins, including the login of the server's administrator, can no longer connect. SQL Data"
                " Sync and transactional replication need SQL logins, so they stop.",
            ),
            **_BOTH,
        ),
        SettingControl(
            "sql-min-tls",
            title="SQL servers require TLS 1.2",
            problem="SQL server accepts old versions of TLS",
            expected="The minimum version is TLS 1.2 or newer",
            judged="`minimalTlsVersion` of each logical SQL server and managed instance. A server without a minimum,"
            " or with an older one, fails with a remark, because Azure SQL itself refuses TLS 1.0 and 1.1. If the"
            " property is absent, the verdict is unknown, or a failure if `without_minimum` is `fail`.",
            why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
            severity=Severity.HIGH,
            judge=_min_tls,
            parameters=(WITHOUT_MINIMUM,),
            references=References(mcsb="DP-3 IM-4", nist="SC-8* SC-8(1)*"),
            fix=Fix(
                command(
                    "az sql server update --resource-group {group} --name {server} --minimal-tls-version 1.2"
                    f"{_SUBSCRIPTION}",
                    kinds=_SERVERS,
                ),
                command(
                    "az sql mi update --resource-group {group} --name {instance} --minimal-tls-version 1.2"
                    f"{_SUBSCRIPTION}",
                    kinds=_INSTANCES,
                ),
                portal=f"{_SERVER} Security › Networking › Connectivity › Minimum TLS Version",
                portal_source=f"{_LEARN}/database/connectivity-settings",
                portals={
                    _INSTANCES[0]: PortalPath(
                        f"{_INSTANCE} Security › Networking › Minimum TLS version", _PUBLIC_ENDPOINT
                    )
                },
                effects="Clients that know only TLS 1.0 or 1.1, or do not encrypt, can no longer connect.",
            ),
            **_BOTH,
        ),
        SettingControl(
            "sql-private-endpoint",
            title="SQL servers are used over private endpoints",
            problem="SQL server without a private endpoint",
            expected="A private endpoint is approved, or the managed instance has no public endpoint",
            judged="`privateEndpointConnections` of each logical SQL server and managed instance. A managed instance"
            " whose public endpoint is off passes. Servers of a Synapse workspace are not applicable, because the"
            " workspace has the private endpoints (`synapse-pe`).",
            why="Without a private endpoint, clients reach the server at a public address, where"
            " attackers can try stolen passwords.",
            severity=Severity.MEDIUM,
            judge=_private_endpoint,
            references=References(mcsb="NS-2", nist="AC-4 AC-17 AC-17(1) SC-7 SC-7(3)"),
            fix=Fix(
                *private_endpoint_steps("sqlServer for a SQL server, managedInstance for a managed instance"),
                portal=f"{_SERVER} Security › Networking › Private access › Create a private endpoint",
                portal_source=f"{_LEARN}/database/private-endpoint-overview",
                portals={
                    _INSTANCES[0]: PortalPath(
                        f"{_INSTANCE} Security › Private endpoint connections",
                        f"{_LEARN}/managed-instance/private-endpoint-overview",
                    )
                },
                cost=PRIVATE_ENDPOINT_COST,
                effects=PRIVATE_ENDPOINT_EFFECTS,
                variables=private_endpoint_variables("sqlServer"),
            ),
            **_BOTH,
        ),
    ),
    *declare_settings(
        __name__,
        MANAGED_INSTANCES,
        SettingControl(
            "sql-mi-public-endpoint",
            title="Managed instances have no public endpoint",
            problem="Managed instance with a public endpoint",
            expected="The public endpoint is off",
            judged="`publicDataEndpointEnabled` of each managed instance. If the property is absent, the verdict is"
            " unknown.",
            why="A public endpoint has an address in the Internet, so only the rules of the subnet's security group"
            " keep attackers away.",
            severity=Severity.HIGH,
            setting="properties.publicDataEndpointEnabled",
            values={
                False: passed("The public endpoint is off"),
                True: failed("The public endpoint is on"),
            },
            references=References(mcsb="NS-2", nist="AC-4* SC-7*"),
            fix=Fix(
                command(
                    "az sql mi update --resource-group {group} --name {instance} --public-data-endpoint-enabled false"
                    f"{_SUBSCRIPTION}"
                ),
                portal=f"{_INSTANCE} Security › Networking › Public endpoint (data) › Disable",
                portal_source=_PUBLIC_ENDPOINT,
                effects="Clients can connect only from the virtual network and the networks that are connected to it.",
            ),
        ),
    ),
)
