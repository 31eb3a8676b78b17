"""For flexible servers, only data that Azure can return and that controls need is requested and stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

SUB = f"/subscriptions/{azure.guid(1)}"
KIND = "Microsoft.DBforPostgreSQL/flexibleServers"
SERVERS = f"{SUB}/resourceGroups/rg/providers/{KIND}"


def server(name: str, **properties: Any) -> azure.Line:
    return {"id": f"{SERVERS}/{name}", "name": name, "type": KIND, "properties": properties}


def part(kind: str, name: str, **properties: Any) -> azure.Line:
    """A parameter, rule or administrator of the server `open`."""
    identifier = f"{SERVERS}/open/{kind}/{name}"
    return {"id": identifier, "name": name, "type": f"{KIND}/{kind}", "properties": properties}


def test_only_what_can_be_read_of_flexible_servers_is_requested(tmp_path: Path) -> None:
    entra = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        server("open", state="Ready", network={"publicNetworkAccess": "Enabled"}, authConfig=entra),
        server("stopped", state="Stopped", network={"publicNetworkAccess": "Disabled"}),
        part("configurations", "log_connections", value="on"),
        part("configurations", "archive_command", value="BlobLogUpload.sh %f %p"),
        part("firewallRules", "office", startIpAddress="198.51.100.0", endIpAddress="198.51.100.9"),
        part("administrators", azure.guid(2), principalType="Group", objectId=azure.guid(2)),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(
            azure.session(served), azure.guid(1), sections=("postgresql", "mysql", "database")
        )
    assert [view.name for view in found.estate.documents("postgres_parameters")] == ["log_connections"]
    for name in ("parameters", "firewall_rules", "administrators"):
        assert [a.scope for a in found.estate.answers(f"postgres_{name}")] == [f"{SERVERS}/open"]
    assert [answer.request_id for answer in found.estate.answers("mysql_servers")] == [""]
    for slug, name, verdict in (
        ("postgresql-log-connections", "open", "pass"),
        ("postgresql-log-connections", "stopped", "unknown"),
        ("postgresql-no-azure-services", "open", "pass"),
        ("postgresql-no-azure-services", "stopped", "pass"),
        ("postgresql-entra", "open", "pass"),
        ("postgresql-entra", "stopped", "fail"),
    ):
        assert found.verdict(slug, name) == verdict, (slug, name)
