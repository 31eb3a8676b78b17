"""UDP services and websites open to the Internet. General cases of security group rules are in
cases_from_internet.
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.network.cases_from_internet import (
    ID,
    NIC,
    alone,
    behind,
    forwarding,
    group,
    interfaces_behind_open_group,
    nic,
    rule,
)
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

UDP, HTTP = "network-udp-from-internet", "network-http-from-internet"
_FURTHER = "further UDP ports"


def _groups(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"network_security_groups": [group(*rules)]}


def _udp(ports: Any, **more: Any) -> dict[str, Any]:
    return rule(100, ports=ports, protocol="Udp", **more)


CASES = [
    *(
        Case(UDP, name, _groups(*rules), {ID: outcome}, remark=remark, reason=reason, params=params)
        for name, rules, outcome, remark, reason, params in (
            ("defaults only", [], "pass", "", "no UDP port", {}),
            ("DNS", [_udp("53")], "fail", "", "The Internet can reach udp/53 through r100", {}),
            ("two services", [_udp(["161-162", "389"])], "fail", _FURTHER, "udp/161, udp/389 through", {}),
            ("every port", [_udp("*")], "fail", _FURTHER, "udp/53, udp/123, udp/161, udp/389, udp/1900", {}),
            ("every protocol", [rule(100, ports="123", protocol="*")], "fail", "", "udp/123", {}),
            ("TCP", [rule(100, ports="53")], "pass", "", "", {}),
            ("office", [_udp("53", source="198.51.100.0/24")], "pass", "", "Only some public addresses", {}),
            ("denied before", [rule(90, "Deny", ports="*", protocol="*"), _udp("53")], "pass", "", "", {}),
            ("other port", [_udp("500")], "pass", _FURTHER, "", {}),
            ("other port, judged", [_udp("500-510")], "fail", "", "can reach udp/500-510", {"any_port": True}),
            ("DNS, judged", [_udp("53")], "fail", "", "can reach udp/53", {"any_port": True}),
            ("no port, judged", [], "pass", "", "", {"any_port": True}),
            ("other port of an office", [_udp("500", source="198.51.100.0/24")], "pass", "", "", {}),
            ("other port invalid", [_udp("ike")], "unknown", "", "", {}),
            (
                "other port open or not",
                [_udp("500", access=...)],
                "pass",
                "Could not check whether the Internet can reach further UDP ports",
                "",
                {},
            ),
            ("own ports", [_udp("53")], "pass", _FURTHER, "", {"udp_ports": "123; 500"}),
            ("own ports, open", [_udp("500")], "fail", "", "can reach udp/500 through", {"udp_ports": "123; 500;"}),
            ("no source", [_udp("53", source=...)], "unknown", "", "", {}),
            ("no source, judged", [_udp("500", source=...)], "unknown", "", "", {"any_port": True}),
        )
    ),
    Case(UDP, "no group", {}, {SUB: "not_applicable"}),
    Case(UDP, "forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
    Case(
        UDP,
        "interface with a Basic address",
        alone(),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach udp/53 and udp/123 and udp/161 and udp/389 and udp/1900: the interface has no"
        " security group",
    ),
    Case(UDP, "interface with a Standard address", alone("Standard"), {ID: "pass", NIC: "pass"}),
    Case(UDP, "interface, address unknown", alone("Premium"), {ID: "pass", NIC: "unknown"}),
    Case(
        UDP,
        "interface behind a Basic load balancer",
        behind(forwarding(53, "Udp"), forwarding(123, "Udp")),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach udp/53 and udp/123: the interface has no security group, and the Basic load"
        " balancer lb1 forwards connections with to-123, to-53",
    ),
    Case(UDP, "interface behind another port", behind(forwarding(500, "Udp")), {ID: "pass", NIC: "pass"}),
    Case(UDP, "interface behind a rule for QUIC", behind(forwarding(53, "Quic")), {ID: "pass", NIC: "fail"}),
    *(
        Case(HTTP, name, _groups(*rules), {ID: outcome}, remark=remark, reason=reason, params=params)
        for name, rules, outcome, remark, reason, params in (
            ("defaults only", [], "pass", "", "none of the ports that websites use", {}),
            ("HTTP", [rule(100, ports="80")], "fail", "", "can reach tcp/80 through r100", {}),
            ("HTTPS", [rule(100, ports="443")], "fail", "", "can reach tcp/443 through r100", {}),
            ("both", [rule(100, ports="80-443")], "fail", "", "can reach tcp/80, tcp/443 through", {}),
            ("HTTP over UDP", [_udp("443")], "pass", "", "", {}),
            ("other port", [rule(100, ports="8080")], "pass", "", "", {}),
            ("Front Door", [rule(100, ports="443", source="AzureFrontDoor.Backend")], "pass", "", "", {}),
            ("office", [rule(100, ports="80", source="198.51.100.7")], "pass", "", "Only some public", {}),
            (
                "HTTPS, accepted",
                [rule(100, ports="443")],
                "pass",
                "can reach port 443, which is accepted",
                "",
                {"accept_https": True},
            ),
            (
                "HTTPS, accepted as the only port",
                [rule(100, ports="443")],
                "not_applicable",
                "",
                "Port 443 is the only port to judge, and it is accepted",
                {"http_ports": "443", "accept_https": True},
            ),
            (
                "closed, HTTPS accepted",
                [],
                "pass",
                "",
                "no website port other than 443",
                {"accept_https": True},
            ),
            ("own ports", [rule(100, ports="80")], "pass", "", "", {"http_ports": "8080"}),
            ("own ports, open", [rule(100, ports="8080")], "fail", "", "tcp/8080 through", {"http_ports": "8080"}),
            (
                "own ports, HTTPS accepted",
                [rule(100, ports="443")],
                "pass",
                "",
                "",
                {"http_ports": "8080", "accept_https": True},
            ),
            (
                "HTTPS accepted, unreadable",
                [rule(100, ports="443", source=...)],
                "pass",
                "Could not check whether the Internet can reach port 443",
                "",
                {"accept_https": True},
            ),
            ("HTTP, HTTPS accepted", [rule(100, ports=["80", "443"])], "fail", "", "", {"accept_https": True}),
            ("no source", [rule(100, ports="80", source=...)], "unknown", "", "", {}),
            ("one port open, one unreadable", [rule(100, ports="80"), rule(110, ports="443", source=...)], "fail",
             "", "", {}),
        )
    ),
    Case(HTTP, "no group", {}, {SUB: "not_applicable"}),
    Case(HTTP, "forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
    Case(
        HTTP,
        "interface with a Basic address",
        alone(),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach tcp/80 and tcp/443: the interface has no security group, and its public address is"
        " Basic",
    ),
    Case(HTTP, "behind a Basic load balancer", behind(forwarding(443)), {ID: "pass", NIC: "fail"}),
    Case(
        HTTP,
        "behind a Basic load balancer, HTTPS accepted",
        behind(forwarding(443)),
        {ID: "pass", NIC: "pass"},
        remark="Port 443 was not checked, because it is accepted",
        params={"accept_https": True},
    ),
    Case(
        HTTP,
        "interface with a Basic address, HTTPS accepted",
        alone(),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach tcp/80: the interface has no security group, and its public address is Basic",
        params={"accept_https": True},
    ),
    Case(
        HTTP,
        "interface with a Basic address, HTTPS accepted as the only port",
        alone(),
        {ID: "not_applicable", NIC: "not_applicable"},
        params={"http_ports": "443", "accept_https": True},
    ),
    Case(
        HTTP,
        "interface reachable",
        {**interfaces_behind_open_group(nic()), **_groups(rule(100, ports="80"))},
        {ID: "fail"},
        remark="Network interfaces that the Internet reaches now: n1",
    ),
]  # fmt: skip

ABSENCE_PASSES = [
    (
        r"network-(udp|http)-from-internet",
        (
            r"properties\.ipConfigurations\[\]\.properties\."
            r"(loadBalancerBackendAddressPools|loadBalancerInboundNatRules|publicIPAddress)"
        ),
        "Azure leaves out what an interface does not have",
    ),
    (
        r"network-(udp|http)-from-internet",
        (
            r"properties\.(frontendIPConfigurations\[\]\.properties\.publicIPAddress"
            r"|loadBalancingRules\[\]\.properties\.backendAddressPool(\.id)?)"
        ),
        "Azure leaves out what a front end or a rule does not have",
    ),
]
OFFICIAL_VERDICTS = """
network-http-from-internet fail: testnsg
network-http-from-internet pass: nsg1 nsg3
network-http-from-internet unknown: test-nic2  # the example's address has no SKU, and a Basic address lets everybody in
network-udp-from-internet pass: nsg1 nsg3 testnsg
network-udp-from-internet unknown: test-nic2  # the example's address has no SKU, and a Basic address lets everybody in
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Network security groups › {nsg} › Settings › Inbound security rules › the rule › Source",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/virtual-network/manage-network-security-group.md",
            "0418e7bb3cb67b7d6783cd96aed79a6e8f739a4e",
            "When network security groups appear in the search results, select it",
            "Select Inbound security rules under SETTINGS",
            "Source",
        ),
    ),
]
