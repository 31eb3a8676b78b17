"""Controls of the TLS, firewall, sign-in, backups and standby servers of PostgreSQL flexible servers.

Properties: postgresql/resource-manager/Microsoft.DBforPostgreSQL/PostgreSQL/stable/2025-08-01/openapi.json. Values of
parameters: the pages below https://learn.microsoft.com/azure/postgresql/server-parameters
"""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.flexible_server_controls import (
    azure_kept_out,
    backups_in_second_region,
    encryption_required,
    public_networks_refused,
    standby_server,
)
from assessments.controls.shared.flexible_servers import (
    NEW_SERVER,
    REPLICAS_TOO,
    RULE,
    SERVER,
    parameter_rule,
)
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.postgresql import (
    POSTGRES_ADMINISTRATORS,
    POSTGRES_FIREWALL_RULES,
    POSTGRES_PARAMETERS,
    POSTGRES_SERVERS,
)
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_SUBSCRIPTION: Final = " --subscription {subscription}"
_SERVER: Final = "Azure portal › Azure Database for PostgreSQL flexible server › {flexible_server} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/postgresql"
_PARAMETERS: Final = f"{_LEARN}/server-parameters/how-to-server-parameters-set-value"

ENTRA_ONLY: Final = Parameter(
    "entra_only", False, "Fail servers that also accept passwords", label="Fail servers that accept passwords"
)


def set_parameter(name: str, value: str, effects: str = "", cost: str = "") -> Fix:
    """Return the fix that sets a server parameter."""
    return Fix(
        command(
            "az postgres flexible-server parameter set --resource-group {group} --server-name {flexible_server}"
            f" --name {name} --value {value}{_SUBSCRIPTION}"
        ),
        portal=f"{_SERVER} Settings › Server parameters › `{name}`",
        portal_source=_PARAMETERS,
        effects=effects,
        cost=cost,
        variables=[SERVER],
    )


def _update(options: str) -> str:
    return (
        f"az postgres flexible-server update --resource-group {{group}} --name {{flexible_server}} {options}"
        f"{_SUBSCRIPTION}"
    )


def _entra(server: View, ctx: Context) -> Verdict:
    settings = server.object("properties").object("authConfig", default={})
    observed: dict[str, Any] = {
        "activeDirectoryAuth": settings.raw("activeDirectoryAuth"),
        "passwordAuth": settings.raw("passwordAuth"),
    }
    states = {"enabled", "disabled"}
    if settings.choice("activeDirectoryAuth", states, default="Disabled") == "disabled":
        return failed("Accounts of Microsoft Entra ID cannot sign in", **observed)
    if not ctx.documents_at(POSTGRES_ADMINISTRATORS, server.id):
        return failed("No Microsoft Entra administrator is set", **observed)
    if ctx.params[ENTRA_ONLY.name] and settings.choice("passwordAuth", states) == "enabled":
        return failed("The server also accepts passwords", **observed)
    accepts = str(settings.raw("passwordAuth")).casefold() == "enabled"
    return passed(
        "Accounts of Microsoft Entra ID can sign in, and a Microsoft Entra administrator is set",
        remarks=["The server also accepts passwords"] if accepts else [],
        **observed,
    )


CONTROLS = declare_settings(
    __name__,
    POSTGRES_SERVERS,
    encryption_required(
        "postgresql",
        "PostgreSQL",
        POSTGRES_PARAMETERS,
        References(c2="4.3.1", c3="5.2.1", mcsb="DP-3*", nist="SC-8*"),
        set_parameter("require_secure_transport", "on", "Clients that do not encrypt can no longer connect."),
    ),
    SettingControl(
        "postgresql-tls",
        title="PostgreSQL servers require TLS 1.2",
        problem="PostgreSQL server accepts old versions of TLS",
        expected="The minimum version is TLS 1.2 or newer",
        judged=f"The parameter `ssl_min_protocol_version` of each flexible server.{REPLICAS_TOO}",
        why="TLS 1.0 and 1.1 have known weaknesses, with which attackers can decrypt or change the traffic.",
        severity=Severity.MEDIUM,
        judge=parameter_rule(
            POSTGRES_PARAMETERS,
            "ssl_min_protocol_version",
            {
                "tlsv1.2": passed("Connections need TLS 1.2 or newer"),
                "tlsv1.3": passed("Connections need TLS 1.2 or newer"),
                "tlsv1": failed("Connections with TLS 1.1 or older are allowed"),
                "tlsv1.1": failed("Connections with TLS 1.1 or older are allowed"),
                "": failed("No minimum version is set"),
            },
        ),
        needs=(POSTGRES_PARAMETERS,),
        references=References(mcsb2="DP-3", nist="SC-8*"),
        fix=set_parameter(
            "ssl_min_protocol_version",
            "TLSv1.2",
            "Clients that know only TLS 1.0 or 1.1 can no longer connect.",
        ),
    ),
    azure_kept_out(
        "postgresql",
        "PostgreSQL",
        POSTGRES_FIREWALL_RULES,
        References(c2="4.3.7", c3="5.2.5", mcsb="NS-2*", nist="SC-7*"),
        Fix(
            command(
                "az postgres flexible-server firewall-rule delete --resource-group {group}"
                f" --server-name {{flexible_server}} --name {{rule}}{_SUBSCRIPTION}"
            ),
            portal=f"{_SERVER} Networking › Allow public access from any Azure service within Azure to this server ›"
            " clear the box",
            portal_source=f"{_LEARN}/network/how-to-networking-servers-deployed-public-access-delete-firewall-rules",
            effects="Clients that connect only because of this rule lose access.",
            variables=[SERVER, RULE],
        ),
    ),
    SettingControl(
        "postgresql-entra",
        title="PostgreSQL servers accept Microsoft Entra accounts",
        problem="PostgreSQL server without sign-in by Microsoft Entra ID",
        expected="Accounts of Microsoft Entra ID can sign in, and one of them administers the server",
        judged="`authConfig` and the Microsoft Entra administrators of each flexible server. A server that also accepts"
        " passwords gets a remark, or fails if `entra_only` is on.",
        why="With passwords only, there is no multifactor authentication, and accounts stay when a person leaves.",
        severity=Severity.MEDIUM,
        labels={
            "activeDirectoryAuth": "Sign-in with Microsoft Entra ID",
            "passwordAuth": "Sign-in with passwords",
        },
        judge=_entra,
        needs=(POSTGRES_ADMINISTRATORS,),
        parameters=(ENTRA_ONLY,),
        references=References(mcsb="IM-1", nist="IA-2*"),
        fix=Fix(
            command(
                _update("--microsoft-entra-auth Enabled"),
                "Let accounts of Microsoft Entra ID sign in. The server restarts.",
            ),
            command(
                "az postgres flexible-server microsoft-entra-admin create --resource-group {group}"
                " --server-name {flexible_server} --display-name {admin_name} --object-id {admin_id} --type Group"
                f"{_SUBSCRIPTION}",
                "Make a group the administrator.",
            ),
            portal=f"{_SERVER} Security › Authentication › Add Microsoft Entra Admins",
            portal_source=f"{_LEARN}/security/security-entra-configure",
            effects="The server restarts. The members of the group can read and change all databases.",
            variables=[
                SERVER,
                Variable("admin_name", "Name of the group that administers the server", "db-admins"),
                Variable("admin_id", "Object id of the group that administers the server", EXAMPLE_GUID),
            ],
        ),
    ),
    public_networks_refused(
        "postgresql",
        "PostgreSQL",
        References(mcsb="NS-2*", mcsb2="NS-2", nist="AC-4* SC-7*"),
        Fix(
            command(
                _update("--public-access Disabled"),
                "First create a private endpoint, and make sure that all clients use it.",
            ),
            portal=f"{_SERVER} Networking › Allow public access to this resource through the internet using a public IP"
            " address › clear the box",
            portal_source=f"{_LEARN}/network/how-to-networking-servers-deployed-public-access-disable-public-access",
            effects="Clients that do not use a private endpoint can no longer connect.",
            variables=[SERVER],
        ),
    ),
    backups_in_second_region(
        "postgresql",
        "PostgreSQL",
        References(mcsb="BR-1* BR-2*", nist="CP-6* CP-6(1)* CP-9*"),
        Fix(
            command(
                "az postgres flexible-server restore --resource-group {group} --name {new_server}"
                f" --source-server {{flexible_server}} --geo-redundant-backup Enabled{_SUBSCRIPTION}",
                "The setting can be chosen only for a new server: restore the data to a new server, and then move all"
                " clients to it.",
            ),
            portal=f"{_SERVER} Overview › Restore › Configure server › Geo-redundancy",
            portal_source=f"{_LEARN}/backup-restore/how-to-restore-latest-restore-point",
            cost="Azure bills the new server, and the storage for backups in both regions.",
            effects="The new server has another name. Changes after the restore point are only in the old server.",
            variables=[SERVER, NEW_SERVER],
        ),
    ),
    standby_server(
        "postgresql",
        "PostgreSQL",
        References(nist="CP-10* SC-5*"),
        Fix(
            command(
                _update("--zonal-resiliency Enabled"),
                "If the server's compute tier is Burstable, first choose another tier. In a region with a single"
                " availability zone, add the option --allow-same-zone.",
            ),
            portal=f"{_SERVER} Settings › High availability › Zonal Resiliency: Enabled",
            portal_source=f"{_LEARN}/high-availability/how-to-configure-high-availability",
            cost="Azure bills the standby server like a second server of the same size.",
            effects="Writing takes slightly longer, because the standby server confirms each write.",
            variables=[SERVER],
        ),
    ),
)
