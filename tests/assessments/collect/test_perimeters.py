"""Network security perimeters are read for all SQL servers and storage accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

UNIT = azure.guid(1)
GROUP = f"/subscriptions/{UNIT}/resourceGroups/rg-data/providers"
CONFIGURATIONS = "networkSecurityPerimeterConfigurations"


def resource(of_type: str, name: str, access: str, **more: object) -> azure.Line:
    return {
        "id": f"{GROUP}/{of_type}/{name}",
        "name": name,
        "type": of_type,
        "location": "westeurope",
        "properties": {"publicNetworkAccess": access},
        **more,
    }


def perimeter(of: azure.Line, prefix: str, mode: str = "Learning") -> azure.Line:
    """The association of a resource with a perimeter, as Microsoft's examples show it."""
    rule = {"name": "rule1", "properties": {"addressPrefixes": [prefix], "direction": "Inbound"}}
    return {
        "id": f"{of['id']}/{CONFIGURATIONS}/{azure.guid(2)}.assoc1",
        "name": f"{azure.guid(2)}.assoc1",
        "type": f"{of['type']}/{CONFIGURATIONS}",
        "properties": {
            "profile": {"name": "profile1", "accessRules": [rule]},
            "resourceAssociation": {"name": "assoc1", "accessMode": mode},
        },
    }


def rule(server: azure.Line) -> azure.Line:
    """A firewall rule that lets all of IPv4 in."""
    addresses = {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}
    of_type = f"{server['type']}/firewallRules"
    return {
        "id": f"{server['id']}/firewallRules/all",
        "name": "all",
        "type": of_type,
        "properties": addresses,
    }


@pytest.mark.slow(seconds=1)
def test_the_rules_of_perimeters_decide_by_access_mode(tmp_path: Path) -> None:
    servers, accounts = "Microsoft.Sql/servers", "Microsoft.Storage/storageAccounts"
    opened = resource(servers, "opened", "Disabled")
    office = resource(servers, "office", "SecuredByPerimeter")
    alone = resource(servers, "alone", "Disabled")
    enforced, learning = (resource(servers, name, "Enabled") for name in ("enforced", "learning"))
    account = resource(accounts, "files", "Disabled", kind="StorageV2", sku={"name": "Standard_LRS"})
    empty = resource(accounts, "empty", "Disabled", kind="StorageV2", sku={"name": "Standard_LRS"})
    share = {
        "id": f"{account['id']}/fileServices/default/shares/s",
        "name": "s",
        "type": f"{accounts}/fileServices/shares",
        "properties": {},
    }
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        *(opened, perimeter(opened, "0.0.0.0/0")),
        *(office, perimeter(office, "198.51.100.0/24")),
        *(enforced, rule(enforced), perimeter(enforced, "198.51.100.0/24", "Enforced")),
        *(learning, rule(learning), perimeter(learning, "198.51.100.0/24")),
        *(alone, account, share, perimeter(account, "0.0.0.0/0"), empty),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), UNIT)
    assert found.verdict("sql-firewall-internet", "opened") == "fail"
    assert found.verdict("sql-firewall-internet", "office") == "pass"
    assert found.verdict("sql-firewall-internet", "alone") == "pass"
    assert found.verdict("sql-firewall-internet", "enforced") == "pass"
    assert found.verdict("sql-firewall-internet", "learning") == "fail"
    assert found.verdict("storage-public-file", "files") == "fail"
    assert found.verdict("storage-default-deny", "files") == "fail"
    assert found.verdict("storage-default-deny", "empty") == "pass"
    asked = {answer.scope.rpartition("/")[2] for answer in found.estate.answers("storage_perimeters")}
    assert {"empty", "files"} <= asked


@pytest.mark.slow(seconds=1)
def test_a_cloud_without_perimeters_has_none(tmp_path: Path) -> None:
    servers = "Microsoft.Sql/servers"
    closed = resource(servers, "closed", "Disabled")
    secured = resource(servers, "secured", "SecuredByPerimeter")
    opened = resource(servers, "opened", "Enabled")
    lines = [
        {"cloud": {"versions": {f"{servers}/{CONFIGURATIONS}": []}}},
        azure.directory(),
        *azure.subscription(UNIT),
        *(closed, secured, opened, rule(opened)),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), UNIT)
    for server, verdict in (("closed", "pass"), ("secured", "pass"), ("opened", "fail")):
        assert found.verdict("sql-firewall-internet", server) == verdict
