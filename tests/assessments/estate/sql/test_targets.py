"""Networks in front of SQL: which of them are requested, and whether the Internet can reach a host.

A test compares the addresses that can reach a host with the result of a naive evaluator.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.estate.collections.sql import SQL_NETWORKS, SQL_PUBLIC_ADDRESSES
from assessments.estate.estate import UnitKind
from assessments.estate.network.nsg import exposure
from assessments.estate.network.nsg_rules import Host
from assessments.estate.view import View
from tests.assessments.controls.judging import estate_of, judge
from tests.assessments.controls.network.cases_from_internet import group, rule
from tests.assessments.controls.sql.network_documents import (
    ADDRESS,
    INSTANCE,
    SQL_VM,
    SUBNET,
    VNET,
    allow,
    instance,
    instance_docs,
    interface,
    machine_docs,
    nsg,
)
from tests.assessments.estate.rule_sources import IPV4_SOURCES
from tests.for_each import for_each

GUARD = nsg("g")
PUBLIC = [interface(public=True)]
TABLE: list[tuple[str, dict[str, Any], list[str], list[str]]] = [
    ("nothing", {}, [], []),
    ("endpoint on", instance_docs(GUARD), [VNET], []),
    ("endpoint not stated", instance_docs(GUARD, publicDataEndpointEnabled=...), [VNET], []),
    ("endpoint off", instance_docs(GUARD, publicDataEndpointEnabled=False), [], []),
    ("no subnet", instance_docs(GUARD, subnetId=7), [], []),
    (
        "two in one network",
        {"managed_instances": [instance(), instance(subnetId=f"{SUBNET}2".upper()) | {"id": f"{INSTANCE}2"}]},
        [VNET],
        [],
    ),
    ("machine behind a group", machine_docs(GUARD, nics=PUBLIC), [VNET], []),
    ("machine with a group of its own", machine_docs(nics=[interface(GUARD, public=True)]), [VNET], []),
    ("machine without a group", machine_docs(nics=PUBLIC), [VNET], [ADDRESS]),
    ("machine without a group and address", machine_docs(), [VNET], []),
    ("machine that is not there", machine_docs(GUARD) | {"virtual_machines": []}, [], []),
    ("interface that is not there", machine_docs(GUARD) | {"network_interfaces": []}, [], []),
    ("machines without SQL", machine_docs(nics=PUBLIC) | {"sql_virtual_machines": []}, [], []),
]


@for_each(("docs", "networks", "addresses"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_only_resources_that_decide_a_verdict_are_requested(
    docs: dict[str, Any], networks: list[str], addresses: list[str]
) -> None:
    estate = estate_of(UnitKind.SUBSCRIPTION, docs)
    for collection, wanted in ((SQL_NETWORKS, networks), (SQL_PUBLIC_ADDRESSES, addresses)):
        assert collection.targets is not None
        assert [one.casefold() for one in collection.targets(estate)] == [one.casefold() for one in wanted]


def test_the_evidence_is_the_path_from_the_machine_to_its_groups() -> None:
    docs = machine_docs(nsg("one", allow(1433)), nsg("two", allow(1433)))
    result = judge("sql-firewall-internet", docs)[SQL_VM]
    assert {item.collection for item in result.evidence} == {
        "sql_virtual_machines",
        "virtual_machines",
        "network_interfaces",
        "sql_networks",
        "network_security_groups",
    }
    assert result.observed["interfaces"][0]["groups"] == ["two", "one"]


HOST = "10.0.0.4"
PROBES = ["8.8.8.8", "11.1.1.1", "130.1.1.1", "200.0.0.1"]
DESTINATIONS = [
    "*",
    "VirtualNetwork",
    HOST,
    "10.0.0.5",
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.0.0.4/30",
    "fd00::/8",
]
rules = st.lists(
    st.tuples(
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(IPV4_SOURCES),
        st.sampled_from(DESTINATIONS),
        st.sampled_from(["1433", "1430-1440", "*", "443"]),
    ),
    max_size=6,
)
Drawn = list[tuple[str, str, str, str]]


def first_match(drawn: Drawn, probe: str) -> bool:
    """Whether Azure lets the public address `probe` reach tcp/1433 of the host."""
    for access, source, destination, ports in drawn:
        if ports == "443" or source == "VirtualNetwork":
            continue
        if source not in {"*", "Internet"} and not _holds(source, probe):
            continue
        if destination not in {"*", "VirtualNetwork"} and not _holds(destination, HOST):
            continue
        return access == "Allow"
    return False


def _holds(block: str, address: str) -> bool:
    return ip_address(address) in ip_network(block, strict=False)


def wire(drawn: Drawn) -> View:
    return View(
        group(
            *(
                rule(100 + n, access, source, ports, destinationAddressPrefix=destination)
                for n, (access, source, destination, ports) in enumerate(drawn)
            )
        )
    )


@pytest.mark.slow(seconds=1)
@settings(max_examples=300, deadline=None)
@given(rules)
def test_exposure_of_a_host_follows_the_first_matching_rule(drawn: Drawn) -> None:
    number = int(ip_address(HOST))
    found = exposure(wire(drawn), 1433, "tcp", Host(v4=((number, number),)))
    assert found.v6 == ()
    for probe in PROBES:
        held = any(start <= int(ip_address(probe)) <= end for start, end in found.v4)
        assert held == first_match(drawn, probe), probe
    # Without a host, `exposure` returns every address that can reach at least one host behind the group. So the result
    # also contains every address that can reach this host.
    whole = exposure(wire(drawn), 1433, "tcp")
    assert all(any(a <= start and end <= b for a, b in whole.v4) for start, end in found.v4)
