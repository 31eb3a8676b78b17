"""The NSG evaluator agrees with a naive evaluator, which processes the rules for single addresses, as Azure does."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.estate.network.nsg import exposure
from assessments.estate.network.nsg_rules import parse_ports
from assessments.estate.view import Unreadable, View
from tests.assessments.controls.judging import judge
from tests.assessments.controls.network.cases_from_internet import ID, group, rule
from tests.assessments.estate.rule_sources import IPV4_SOURCES
from tests.for_each import for_each

PROBES = ["8.8.8.8", "11.1.1.1", "130.1.1.1", "200.0.0.1", "10.0.0.1", "2001:db8::1", "2a00::1", "fd00::1"]
SOURCES = [*IPV4_SOURCES, "10.0.0.0/8", "2001:db8::/32", "2000::/4", "AzureLoadBalancer"]
rules = st.lists(
    st.tuples(
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(SOURCES),
        st.sampled_from(["22", "20-25", "*", "443", "80,22"]),
        st.sampled_from(["Tcp", "Udp", "*"]),
    ),
    max_size=6,
)


def first_match(document: dict[str, Any], probe: str) -> bool:
    """Whether Azure lets the public address `probe` reach tcp/22."""
    address = ip_address(probe)
    if not (address in ip_network("2000::/3") if address.version == 6 else address.is_global):
        return False
    for body in sorted(
        (r["properties"] for r in document["properties"]["securityRules"]), key=lambda p: p["priority"]
    ):
        source, ports = body["sourceAddressPrefix"], body["destinationPortRange"]
        if body["protocol"] == "Udp" or ports == "443":
            continue
        if source in {"VirtualNetwork", "AzureLoadBalancer"}:
            continue
        if source in {"*", "Internet"} or (
            ip_network(source).version == address.version and address in ip_network(source)
        ):
            return bool(body["access"] == "Allow")
    return False


@pytest.mark.slow(seconds=1)
@settings(max_examples=300, deadline=None)
@given(rules)
def test_exposure_follows_the_first_matching_rule(drawn: list[tuple[str, str, str, str]]) -> None:
    rules = [
        rule(100 + n, access, source, ports, protocol)
        for n, (access, source, ports, protocol) in enumerate(drawn)
    ]
    document = group(*reversed(rules))
    found = exposure(View(document), 22, "tcp")
    for probe in PROBES:
        number = int(ip_address(probe))
        within = found.v6 if ":" in probe else found.v4
        assert any(start <= number <= end for start, end in within) == first_match(document, probe), probe


@given(
    st.lists(st.tuples(st.integers(0, 65535), st.integers(0, 65535)), min_size=1, max_size=5),
    st.integers(0, 65535),
)
def test_ports_behave_as_a_set(pairs: list[tuple[int, int]], port: int) -> None:
    tokens = [str(low) if low == high else f"{low}-{high}" for low, high in pairs]
    found = parse_ports(tokens, View({}), "ports")
    assert any(low <= port <= high for low, high in found) == any(low <= port <= high for low, high in pairs)


@for_each("token", ["ssh", "-1", "70000", "1-70000", "22-", "2 2", "²²"])
def test_an_invalid_port_is_refused(token: str) -> None:
    with pytest.raises(Unreadable, match="not a port"):
        parse_ports([token], View({}), "ports")


def test_the_exposing_rules_are_named() -> None:
    closed = rule(110, source="198.51.100.7")
    result = judge("network-ssh-from-internet", {"network_security_groups": [group(rule(100), closed)]})[ID]
    assert result.verdict.observed["rules"] == ["r100"]
    assert "r100" in result.verdict.reason
    assert result.evidence[0].content["properties"]["securityRules"]
