"""Single servers that Microsoft retired."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.DBforMySQL/servers/Db1"


def listed(*kinds: Any) -> dict[str, Any]:
    """An inventory with a resource of each type; the first one has the id ID."""
    ids = (ID, *(f"{RG}/providers/{kind}/other" for kind in kinds[1:]))
    return {
        "resources": {
            SUB: [
                {"id": identifier, "name": "Db1", "type": kind}
                for identifier, kind in zip(ids, kinds, strict=True)
            ]
        }
    }


CASES = rows(
    "database-single-server-retired",
    ("PostgreSQL", listed("Microsoft.DBforPostgreSQL/servers"), {ID: "fail"}),
    ("MySQL", listed("microsoft.dbformysql/SERVERS"), {ID: "fail"}),
    ("MariaDB and others", listed("Microsoft.DBforMariaDB/servers", "Microsoft.Sql/servers"), {ID: "fail"}),
    ("a flexible server", listed("Microsoft.DBforMySQL/flexibleServers"), {SUB: "not_applicable"}),
    ("no type", listed(None), {SUB: "not_applicable"}),
    ("no resource", {}, {SUB: "not_applicable"}),
    ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
)

IMPOSSIBLE = {"database-single-server-retired": {"pass": "without single servers there is nothing to judge"}}
OFFICIAL_VERDICTS = """
database-single-server-retired not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Resource groups › {group} › the resource › Delete",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-resource-manager/management/manage-resources-portal.md",
            "06886ecd798dbc0eaea7606904d3f4054f6beba6",
            "In the left pane, select Resource groups to list the resource within the group",
            "Select the resource you want to open",
            "Select Delete",
        ),
    ),
]
