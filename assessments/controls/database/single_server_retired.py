"""Control of the single servers that Microsoft retired."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice

# Microsoft retired Single Server for MySQL on 16 September 2024, Single Server for PostgreSQL on 28 March 2025, and
# Azure Database for MariaDB, which has only single servers, in September 2025:
# https://learn.microsoft.com/azure/postgresql/single-server/whats-happening-to-postgresql-single-server
# https://learn.microsoft.com/azure/mariadb/concepts-supported-versions
_KINDS: Final = (
    "Microsoft.DBforPostgreSQL/servers",
    "Microsoft.DBforMySQL/servers",
    "Microsoft.DBforMariaDB/servers",
)
_FOLDED: Final = frozenset(map(fold, _KINDS))


def _is_single_server(resource: View, ctx: Context) -> bool:
    kind = resource.raw("type")
    return isinstance(kind, str) and fold(kind) in _FOLDED


def _retired(resource: View, ctx: Context) -> Verdict:
    return failed("Microsoft has retired this kind of server", type=resource.text("type"))


CONTROLS = declare_settings(
    __name__,
    RESOURCES,
    SettingControl(
        "database-single-server-retired",
        title="No retired single servers are left",
        problem="Database on a retired single server",
        expected="There are no single servers of PostgreSQL, MySQL or MariaDB",
        judged="The resources of the types `Microsoft.DBforPostgreSQL/servers`, `Microsoft.DBforMySQL/servers` and"
        " `Microsoft.DBforMariaDB/servers`. Each one fails. Without such a resource, the control is not applicable.",
        why="Microsoft no longer corrects vulnerabilities of retired servers, and can switch these servers off.",
        severity=Severity.HIGH,
        labels={"type": "Kind of resource"},
        where=_is_single_server,
        judge=_retired,
        subject_type=", ".join(_KINDS),
        empty_reason="No single server",
        references=References(
            c2="4.3.8",
            c3="5.2.8",
            mcsb="AM-2*",
            nist="SI-2* SA-22*",
            partly=(
                Partly(
                    "c2 c3",
                    "The requirement asks for a second layer of encryption, which only single servers have; the control"
                    " asks that no single server is left",
                ),
            ),
        ),
        fix=Fix(
            advice(
                "Migrate the databases to a flexible server, and then delete the single server. MariaDB databases are"
                " migrated to a flexible server of MySQL."
            ),
            portal="Azure portal › Resource groups › {group} › the resource › Delete",
            portal_source="https://learn.microsoft.com/azure/azure-resource-manager/management/manage-resources-portal",
            cost="Azure bills the flexible server.",
            effects="Clients need the name of the new server.",
        ),
    ),
)
