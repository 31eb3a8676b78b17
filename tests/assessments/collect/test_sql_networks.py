"""Collecting the networks of SQL instances and machines, and the effect of refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assessments.estate.gaps import Reason
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

S = f"/subscriptions/{azure.guid(1)}"
GROUP = f"{S}/resourceGroups/rg-data/providers"
NETWORK = f"{GROUP}/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/v"
NSG = f"{NETWORK}/networkSecurityGroups/sql"
INSTANCE = f"{GROUP}/Microsoft.Sql/managedInstances/mi1"
VM = f"{GROUP}/Microsoft.Compute/virtualMachines/vm1"
SQL_VM = f"{GROUP}/Microsoft.SqlVirtualMachine/sqlVirtualMachines/vm1"
SQL_VMS = f"{S}/providers/Microsoft.SqlVirtualMachine/sqlVirtualMachines"
RULE = {
    "protocol": "Tcp",
    "access": "Allow",
    "direction": "Inbound",
    "priority": 100,
    "sourcePortRange": "*",
    "sourceAddressPrefix": "Internet",
    "destinationAddressPrefix": "*",
    "destinationPortRanges": ["1433", "3342"],
}


def line(identifier: str, **properties: Any) -> azure.Line:
    return {"id": identifier, "name": identifier.rsplit("/", 1)[-1], "properties": properties}


def subnet(name: str, *, guarded: bool) -> dict[str, Any]:
    group = {"networkSecurityGroup": {"id": NSG}} if guarded else {}
    return {"id": f"{VNET}/subnets/{name}", "name": name, "properties": group}


def lines(*, guarded: bool = True, public: bool = True) -> list[azure.Line]:
    """A managed instance and a SQL machine in two subnets of one network; the machine has a public address."""
    address = {
        "subnet": {"id": f"{VNET}/subnets/vms"},
        "publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/ip"},
    }
    return [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        line(INSTANCE, publicDataEndpointEnabled=public, subnetId=f"{VNET}/subnets/mi"),
        line(SQL_VM, virtualMachineResourceId=VM),
        line(VM, networkProfile={"networkInterfaces": [{"id": f"{NETWORK}/networkInterfaces/nic"}]}),
        line(f"{NETWORK}/networkInterfaces/nic", ipConfigurations=[{"name": "a", "properties": address}]),
        {**line(f"{NETWORK}/publicIPAddresses/ip"), "sku": {"name": "Basic"}},
        line(VNET, subnets=[subnet("mi", guarded=True), subnet("vms", guarded=guarded)]),
        line(NSG, securityRules=[{"name": "sql", "properties": RULE}], defaultSecurityRules=[]),
    ]


def judged(
    path: Path, held: list[azure.Line], assessed: tuple[str, ...] = ()
) -> tuple[azure.Judged, dict[str, int]]:
    """Judge the SQL controls. Return also the number of requests for each network, public address and load balancer."""
    with serve(azure.write(path / "estate.jsonl", held)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("sql",), assessed=assessed)
        rows = azure.control_plane(served, "GET", "requests")
    wanted = ("/virtualNetworks/", "/publicIPAddresses/", "/loadBalancers")
    asked = {row["path"]: row["count"] for row in rows if any(part in row["path"] for part in wanted)}
    return found, asked


def test_open_servers_fail_and_a_network_is_read_once(tmp_path: Path) -> None:
    found, asked = judged(tmp_path, lines())
    assert found.verdict("sql-firewall-internet", "/mi1") == "fail"
    assert found.verdict("sql-firewall-internet", "/vm1") == "fail"
    assert {path.rsplit("/", 1)[-1]: count for path, count in asked.items()} == {"v": 1}
    # Nobody configured threat detection of the instance, and no Defender plan covers the instance. So Azure returns
    # that threat detection is off.
    assert found.verdict("sql-threat-detection", "/mi1") == "fail"


def test_the_public_address_is_read_if_no_group_protects_it(tmp_path: Path) -> None:
    found, asked = judged(tmp_path, lines(guarded=False, public=False))
    assert found.verdict("sql-firewall-internet", "/mi1") == "pass"
    assert found.verdict("sql-firewall-internet", "/vm1") == "fail"
    assert {path.rsplit("/", 1)[-1]: count for path, count in asked.items()} == {"v": 1, "ip": 1}


BALANCER = f"{NETWORK}/loadBalancers/lb"
POOL, FRONT = f"{BALANCER}/backendAddressPools/sql", f"{BALANCER}/frontendIPConfigurations/front"


def behind_a_load_balancer(kind: str) -> list[azure.Line]:
    """The documents of `lines`, but the SQL machine has neither a security group nor a public address. The machine is
    behind a load balancer that forwards the port of SQL.
    """
    settings = {
        "frontendIPConfiguration": {"id": FRONT},
        "backendAddressPool": {"id": POOL},
        "protocol": "Tcp",
        "backendPort": 1433,
    }
    body = {
        "frontendIPConfigurations": [
            {"id": FRONT, "properties": {"publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/ip"}}}
        ],
        "loadBalancingRules": [{"name": "to-sql", "properties": settings}],
        "inboundNatRules": [],
    }
    held = lines(guarded=False, public=False)
    for document in held:
        if document.get("name") == "nic":
            (configuration,) = document["properties"]["ipConfigurations"]
            del configuration["properties"]["publicIPAddress"]
            configuration["properties"]["loadBalancerBackendAddressPools"] = [{"id": POOL}]
    return [*held, {**line(BALANCER, **body), "sku": {"name": kind}}]


@pytest.mark.parametrize(("kind", "outcome"), [("Basic", "fail"), ("Standard", "pass")])
def test_load_balancers_are_read_if_no_group_protects_the_machine(
    kind: str, outcome: str, tmp_path: Path
) -> None:
    found, asked = judged(tmp_path, behind_a_load_balancer(kind))
    assert found.verdict("sql-firewall-internet", "/vm1") == outcome
    assert {path.rsplit("/", 1)[-1]: count for path, count in asked.items()} == {"v": 1, "loadBalancers": 1}


@pytest.mark.parametrize(
    ("assessed", "outcome", "reason", "requests"),
    [
        ([1, 2], "fail", "the Basic load balancer lb forwards connections with to-sql", {"v": 1, "lb": 1}),
        # The principal could read the subscription, but the subscription is not one of the customer's.
        ([1], "unknown", f"The load balancer lb is in the subscription {azure.guid(2)}", {"v": 1}),
    ],
)
def test_a_load_balancer_in_another_subscription_is_read_if_the_customer_has_the_subscription(
    assessed: list[int], outcome: str, reason: str, requests: dict[str, int], tmp_path: Path
) -> None:
    other = BALANCER.replace(S, f"/subscriptions/{azure.guid(2)}")
    text = json.dumps(behind_a_load_balancer("Basic")).replace(BALANCER, other)
    found, asked = judged(tmp_path, json.loads(text), tuple(map(azure.guid, assessed)))
    (result,) = (
        one
        for (slug, subject), one in found.results.items()
        if slug == "sql-firewall-internet" and subject.endswith("/vm1")
    )
    assert (result.verdict.outcome, reason in result.verdict.reason) == (outcome, True), result.verdict.reason
    assert {path.rsplit("/", 1)[-1]: count for path, count in asked.items()} == requests


def test_nothing_is_read_without_instances_and_machines(tmp_path: Path) -> None:
    _, asked = judged(tmp_path, [azure.directory(), *azure.subscription(azure.guid(1))])
    assert asked == {}


NO = {"error": {"code": "AuthorizationFailed", "message": "No."}}
UNREGISTERED = {
    "error": {"code": "MissingSubscriptionRegistration", "message": "The subscription is not registered."}
}


@pytest.mark.parametrize(
    ("refused", "collection"),
    [
        (VNET, "sql_networks"),
        (f"{S}/providers/Microsoft.Network/networkSecurityGroups", "network_security_groups"),
    ],
)
def test_a_forbidden_network_makes_the_verdict_unknown(refused: str, collection: str, tmp_path: Path) -> None:
    found, _ = judged(tmp_path, [*lines(), azure.answer(refused, 403, NO)])
    for name in ("/mi1", "/vm1"):
        assert found.verdict("sql-firewall-internet", name) == "unknown"
        result = next(
            r
            for (slug, subject), r in found.results.items()
            if slug == "sql-firewall-internet" and subject.endswith(name)
        )
        gap = result.verdict.gap
        assert gap is not None
        assert (gap.collection, gap.reason) == (collection, Reason.FORBIDDEN)


def test_a_forbidden_list_makes_the_subscription_unknown(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, [*lines(), azure.answer(SQL_VMS, 403, NO)])
    assert found.verdict("sql-firewall-internet", azure.guid(1)) == "unknown"
    assert found.verdict("sql-firewall-internet", "/mi1") == "fail"


def test_an_unregistered_provider_has_no_machines(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, [*lines(), azure.answer(SQL_VMS, 409, UNREGISTERED)])
    subjects = {subject for slug, subject in found.results if slug == "sql-firewall-internet"}
    assert {subject.rsplit("/", 1)[-1] for subject in subjects} == {"sql1", "mi1"}
