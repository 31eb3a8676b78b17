"""SSH and RDP from the Internet. Their controls judge the two ports alike, so most cases are for port 22."""

from __future__ import annotations

import json
from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap

ID = f"{RG}/providers/Microsoft.Network/networkSecurityGroups/nsg1"
DEFAULTS = [
    ("AllowVnetInBound", 65000, "Allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Deny", "*", "*"),
]


def rule(
    priority: int,
    access: str = "Allow",
    source: Any = "*",
    ports: Any = "22",
    protocol: str = "Tcp",
    **more: Any,
) -> dict[str, Any]:
    """An inbound rule in ARM's format. A list is the value of a plural property, such as `sourceAddressPrefixes`."""
    properties: dict[str, Any] = {
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": protocol,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
    }
    properties.update(
        {"sourceAddressPrefixes" if isinstance(source, list) else "sourceAddressPrefix": source}
    )
    properties.update({"destinationPortRanges" if isinstance(ports, list) else "destinationPortRange": ports})
    properties.update(more)
    body = {key: value for key, value in properties.items() if value is not ...}
    return doc(f"{ID}/securityRules/r{priority}", body)


def group(*rules: dict[str, Any], **properties: Any) -> dict[str, Any]:
    defaults = [
        rule(priority, access, source, "*", "*", destinationAddressPrefix=destination) | {"name": name}
        for name, priority, access, source, destination in DEFAULTS
    ]
    body = {"securityRules": list(rules), "defaultSecurityRules": defaults, "subnets": [{"id": f"{RG}/s"}]}
    return doc(ID, body | properties)


CLUSTERS = "Microsoft.ContainerService/managedClusters"
ASG = [{"id": f"{RG}/providers/Microsoft.Network/applicationSecurityGroups/a"}]
OPEN = rule(200)
# (name, rules, outcome of port 22, text of a remark)
TABLE: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("defaults only", [], "pass", ""),
    ("any", [rule(100)], "fail", ""),
    ("tag", [rule(100, source="Internet")], "fail", ""),
    ("tag, lower case", [rule(100, source="internet", access="allow", direction="inbound")], "fail", ""),
    ("all IPv4", [rule(100, source="0.0.0.0/0")], "fail", ""),
    ("all IPv6", [rule(100, source="::/0")], "fail", ""),
    ("any address /0", [rule(100, source="203.0.113.7/0")], "fail", ""),
    ("0.0.0.0 without a prefix", [rule(100, source="0.0.0.0")], "fail", ""),
    ("Internet in two ranges", [rule(100, source="0.0.0.0/1"), rule(101, source="128.0.0.0/1")], "fail", ""),
    ("one range of a list", [rule(100, source=["198.51.100.1", "0.0.0.0/1", "128.0.0.0/1"])], "fail", ""),
    ("a /8", [rule(100, source="11.0.0.0/8")], "fail", "Allowed public networks: 11.0.0.0/8"),
    ("half a /8", [rule(100, source="11.0.0.0/9")], "pass", "The rules allow more than 256"),
    ("a private /8", [rule(100, source="10.0.0.0/8")], "pass", ""),
    (
        "office range",
        [rule(100, source=["198.51.100.0/24", "203.0.113.7", "2001:db8::/48"])],
        "pass",
        "Allowed public networks: 198.51.100.0/24, 203.0.113.7, 2001:db8::/48",
    ),
    ("two office ranges", [rule(100, source="198.51.100.0/23")], "pass", "The rules allow more than 256"),
    ("a big IPv6 block", [rule(100, source="2001:db8::/32")], "fail", ""),
    ("private IPv6", [rule(100, source="fd00::/8")], "pass", ""),
    ("AzureCloud tag", [rule(100, source="AzureCloud.WestEurope")], "pass", "Any Azure customer"),
    ("AzureCloud tag of all regions", [rule(100, source="AzureCloud")], "fail", ""),
    ("AzureCloud tag in a list", [rule(100, source=["198.51.100.1", "azurecloud"])], "fail", ""),
    (
        "AzureCloud tag, half of the Internet denied",
        [rule(100, "Deny", "0.0.0.0/1"), rule(200, source="AzureCloud")],
        "fail",
        "",
    ),
    ("other tag", [rule(100, source="GatewayManager")], "pass", ""),
    ("virtual network", [rule(100, source="VirtualNetwork")], "pass", ""),
    ("application security group", [rule(100, source=..., sourceApplicationSecurityGroups=ASG)], "pass", ""),
    ("all protocols", [rule(100, protocol="*")], "fail", ""),
    ("other protocol", [rule(100, protocol="Udp")], "pass", ""),
    ("other port", [rule(100, ports="443")], "pass", ""),
    ("all ports", [rule(100, ports="*")], "fail", ""),
    ("range of ports", [rule(100, ports="20-25")], "fail", ""),
    ("list of ports", [rule(100, ports=["80", "22"])], "fail", ""),
    ("addresses separated by commas", [rule(100, ports="80, 20-22")], "fail", ""),
    ("adjacent port range", [rule(100, ports="23-65535")], "pass", ""),
    ("outbound", [rule(100, direction="Outbound")], "pass", ""),
    ("one host", [rule(100, destinationAddressPrefix="10.0.0.4")], "fail", ""),
    ("denied by an earlier rule", [rule(100, "Deny"), OPEN], "pass", ""),
    ("priority decides, not the order of the list", [OPEN, rule(100, "Deny")], "pass", ""),
    (
        "denied for the network",
        [rule(100, "Deny", destinationAddressPrefix="VirtualNetwork"), OPEN],
        "pass",
        "",
    ),
    ("denied by tag", [rule(100, "Deny", "Internet", "*", "*"), OPEN], "pass", ""),
    ("denied by a later rule", [OPEN, rule(300, "Deny")], "fail", ""),
    ("denied for one host", [rule(100, "Deny", destinationAddressPrefix="10.0.0.4"), OPEN], "fail", ""),
    (
        "denied for an application security group",
        [rule(100, "Deny", destinationAddressPrefix=..., destinationApplicationSecurityGroups=ASG), OPEN],
        "fail",
        "",
    ),
    ("denied for UDP", [rule(100, "Deny", protocol="Udp"), OPEN], "fail", ""),
    ("denied for another port", [rule(100, "Deny", ports="23"), OPEN], "fail", ""),
    ("denied from one source port", [rule(100, "Deny", sourcePortRange="1000"), OPEN], "fail", ""),
    ("denied from all source ports", [rule(100, "Deny", sourcePortRange="0-65535"), OPEN], "pass", ""),
    ("denied from 0.0.0.0", [rule(100, "Deny", "0.0.0.0"), OPEN], "fail", ""),
    ("half of the Internet denied", [rule(100, "Deny", "0.0.0.0/1"), OPEN], "fail", ""),
    ("IPv4 denied, any allowed", [rule(100, "Deny", "0.0.0.0/0"), OPEN], "fail", ""),
    (
        "IPv4 denied, IPv4 allowed",
        [rule(100, "Deny", "0.0.0.0/0"), rule(200, source="0.0.0.0/0")],
        "pass",
        "",
    ),
    (
        "denied for IPv4 destinations",
        [rule(100, "Deny", destinationAddressPrefix="0.0.0.0/0"), OPEN],
        "fail",
        "",
    ),
    ("Azure after deny", [rule(100, "Deny"), rule(200, source="AzureCloud")], "pass", ""),
    ("no source", [rule(100, source=...)], "unknown", ""),
    ("no ports", [rule(100, ports=...)], "unknown", ""),
    (
        "no priority",
        [rule(100) | {"properties": {**rule(100)["properties"], "priority": None}}],
        "unknown",
        "",
    ),
    ("no access", [rule(100, access=...)], "unknown", ""),
    ("invalid port", [rule(100, ports="ssh")], "unknown", ""),
    ("invalid address", [rule(100, source="1.2.3.999")], "unknown", ""),
    ("unknown direction", [rule(100, direction="Both")], "unknown", ""),
    ("unknown protocol", [rule(100, protocol="Quic")], "unknown", ""),
    ("unreadable, then open", [rule(100, source="1.2.3.999"), OPEN], "fail", ""),
    ("open, then unreadable deny", [OPEN, rule(300, "Deny", source=...)], "fail", ""),
    ("unreadable deny, then open", [rule(100, "Deny", source=...), OPEN], "unknown", ""),
    ("unreadable but about another port", [rule(100, ports="443", source=...)], "pass", ""),
    ("unreadable rule", [{"name": "x"}], "unknown", ""),
]

SUBNET = f"{RG}/s"
INNER = ID.replace("nsg1", "nsg2")


def nic(name: str = "n1", address: bool = True, own: str = "", **more: Any) -> dict[str, Any]:
    """A network interface in `SUBNET`, which the security group of the function `group` protects. `own` is the id of a
    security group of the interface itself.
    """
    settings: dict[str, Any] = {"subnet": {"id": SUBNET}, **more}
    if address:
        settings["publicIPAddress"] = {"id": f"{RG}/providers/Microsoft.Network/publicIPAddresses/{name}"}
    body: dict[str, Any] = {"ipConfigurations": [{"name": "a", "properties": settings}]}
    if own:
        body["networkSecurityGroup"] = {"id": own}
    return doc(f"{RG}/providers/Microsoft.Network/networkInterfaces/{name}", body)


def interfaces_behind_open_group(
    *interfaces: dict[str, Any], inner: tuple[dict[str, Any], ...] | None = None
) -> dict[str, Any]:
    """Interfaces in the subnet of an open group. `inner`: the rules of a second group, `INNER`, which protects the
    interfaces made with `nic(own=INNER)`.
    """
    groups = [group(OPEN)]
    if inner is not None:
        groups.append(
            {**group(*inner, subnets=[], networkInterfaces=[{"id": "n"}]), "id": INNER, "name": "nsg2"}
        )
    return {"network_security_groups": groups, "network_interfaces": list(interfaces)}


NIC = f"{RG}/providers/Microsoft.Network/networkInterfaces/n1"
OTHER_NIC = f"{RG}/providers/Microsoft.Network/networkInterfaces/n2"
ADDRESS = f"{RG}/providers/Microsoft.Network/publicIPAddresses/n1"


def alone(sku: Any = "Basic", **more: Any) -> dict[str, Any]:
    """An interface with a public address of this SKU and no security group, beside a security group of another
    subnet.
    """
    found = {"network_interfaces": [nic(subnet={"id": f"{RG}/other"}, **more)]}
    found["network_security_groups"] = [group()]
    return {**found, "public_addresses": [doc(ADDRESS, sku={"name": sku})]}


BALANCER = f"{RG}/providers/Microsoft.Network/loadBalancers/lb1"
POOL, NAT = f"{BALANCER}/backendAddressPools/web", f"{BALANCER}/inboundNatRules/admin"


def forwarding(
    port: Any = 22, protocol: str = "Tcp", pool: str = POOL, front: str = "outside"
) -> dict[str, Any]:
    """A load balancing rule."""
    settings = {
        "frontendIPConfiguration": {"id": f"{BALANCER}/frontendIPConfigurations/{front}"},
        "backendAddressPool": {"id": pool},
        "protocol": protocol,
        "frontendPort": 2222,
        "backendPort": port,
    }
    return doc(f"{BALANCER}/loadBalancingRules/to-{port}", settings)


def nat(port: Any = 22, front: str = "outside", pool: str = "") -> dict[str, Any]:
    """The inbound NAT rule `NAT`: of version 2 if a backend pool is given, otherwise of version 1."""
    settings = forwarding(port, front=front, pool=pool)["properties"]
    if pool:
        return doc(NAT, {**settings, "frontendPortRangeStart": 50001, "frontendPortRangeEnd": 50010})
    settings.pop("backendAddressPool")
    return doc(NAT, {**settings, "frontendPort": 50001})


def behind(
    *rules: dict[str, Any], nats: tuple[dict[str, Any], ...] = (), sku: Any = "Basic", **more: Any
) -> dict[str, Any]:
    """The interface of a machine behind a load balancer with a public and an internal front end. The interface has
    no security group.
    """
    fronts = {"outside": {"publicIPAddress": {"id": ADDRESS}}, "inside": {"privateIPAddress": "10.0.0.9"}}
    body = {
        "frontendIPConfigurations": [
            doc(f"{BALANCER}/frontendIPConfigurations/{name}", settings) for name, settings in fronts.items()
        ],
        "loadBalancingRules": list(rules),
        "inboundNatRules": list(nats),
    }
    # A reference may spell the id of a resource with other capital letters than the resource itself.
    names = {
        "loadBalancerBackendAddressPools": [{"id": POOL.upper()}],
        "loadBalancerInboundNatRules": [{"id": NAT}],
    }
    found = alone(**{"address": False, **names, **more})
    machine = {"virtualMachine": {"id": f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"}}
    found["network_interfaces"][0]["properties"].update(machine)
    return {**found, "load_balancers": [doc(BALANCER, body, sku=None if sku is None else {"name": sku})]}


ELSEWHERE = BALANCER.replace(SUB, "/subscriptions/20000000-0000-0000-0000-000000000002")


def behind_elsewhere(*rules: dict[str, Any], read: bool = True, **more: Any) -> dict[str, Any]:
    """The documents of `behind`, but with a load balancer of another subscription. If `read` is False, this load
    balancer was not read.
    """
    found: dict[str, Any] = json.loads(json.dumps(behind(*rules, **more)).replace(BALANCER, ELSEWHERE))
    settings = found["network_interfaces"][0]["properties"]["ipConfigurations"][0]["properties"]
    settings["loadBalancerBackendAddressPools"] = [{"id": POOL.replace(BALANCER, ELSEWHERE)}]
    foreign = found.pop("load_balancers")
    return {**found, "foreign_load_balancers": foreign} if read else found


# (name, documents, outcome of the interface for port 22, text of the reason)
BALANCED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "Basic, rule",
        behind(forwarding()),
        "fail",
        "the Basic load balancer lb1 forwards connections with to-22",
    ),
    ("Basic, NAT rule", behind(nats=(nat(),)), "fail", "forwards connections with admin"),
    (
        "Basic, NAT rule for a pool",
        behind(nats=(nat(pool=POOL),), loadBalancerInboundNatRules=[]),
        "fail",
        "forwards connections with the inbound NAT rule admin of the backend pool web",
    ),
    (
        "Basic, NAT rule for another pool",
        behind(nats=(nat(pool=f"{POOL}2"),), loadBalancerInboundNatRules=[]),
        "pass",
        "forward no connection",
    ),
    ("Basic, rule for all protocols", behind(forwarding(protocol="All")), "fail", ""),
    ("Basic, all ports", behind(forwarding(0, "All")), "fail", ""),
    (
        "Basic, rules for other ports",
        behind(forwarding(443), nats=(nat(8022),)),
        "pass",
        "forward no connection",
    ),
    ("Basic, other protocol", behind(forwarding(protocol="Udp")), "pass", ""),
    ("Basic, QUIC", behind(forwarding(protocol="Quic")), "pass", ""),
    ("Basic, internal", behind(forwarding(front="inside"), nats=(nat(front="inside"),)), "pass", ""),
    ("Basic, other pool", behind(forwarding(pool=f"{POOL}2")), "pass", ""),
    ("Basic, without rules", behind(), "pass", ""),
    ("Standard", behind(forwarding(), nats=(nat(),), sku="Standard"), "pass", "forward no connection"),
    (
        "Standard, with an address",
        behind(forwarding(), sku="Standard", address=True),
        "fail",
        "public address is Basic",
    ),
    ("unknown kind", behind(forwarding(), sku="Premium"), "unknown", ""),
    ("no kind", behind(forwarding(), sku=None), "unknown", ""),
    ("unknown protocol", behind(forwarding(protocol="Sctp")), "unknown", ""),
    (
        "not listed",
        {**behind(forwarding()), "load_balancers": []},
        "unknown",
        "load balancer lb1 is not in the list",
    ),
    (
        "another subscription, Basic",
        behind_elsewhere(forwarding()),
        "fail",
        "forwards connections with to-22",
    ),
    ("another subscription, NAT rule", behind_elsewhere(nats=(nat(),)), "fail", "connections with admin"),
    (
        "another subscription, NAT rule for a pool",
        behind_elsewhere(nats=(nat(pool=POOL),)),
        "fail",
        "with the inbound NAT rule admin of the backend pool web",
    ),
    (
        "another subscription, Standard",
        behind_elsewhere(forwarding(), sku="Standard"),
        "pass",
        "forward no connection",
    ),
    (
        "another subscription, not assessed",
        behind_elsewhere(forwarding(), read=False),
        "unknown",
        "Include that subscription in the assessments of the customer, or check there that the SKU of the load",
    ),
    (
        "another subscription, not found",
        {**behind_elsewhere(forwarding(), read=False), "foreign_load_balancers": {ELSEWHERE: []}},
        "unknown",
        "Azure did not find the load balancer lb1 in the subscription 20000000-0000-0000-0000-000000000002",
    ),
    ("other resource", behind(loadBalancerInboundNatRules=[{"id": f"{RG}/x"}]), "unknown", ""),
]

REACHED, NOT_REACHED, NOT_KNOWN = (
    "Network interfaces that the Internet reaches now: n1",
    "No network interface behind the group",
    "Could not check",
)

INTERFACE_OF_SCALE_SET = (
    f"{RG}/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0/networkInterfaces/n"
)
OF_CLUSTER = {"id": RG, "managedBy": f"{SUB}/resourceGroups/b/providers/{CLUSTERS}/aks"}

SSH, RDP = "network-ssh-from-internet", "network-rdp-from-internet"
CASES = [
    *(
        Case(SSH, name, {"network_security_groups": [group(*rules)]}, {ID: outcome}, remark=remark)
        for name, rules, outcome, remark in TABLE
    ),
    Case(
        SSH,
        "attached to an interface",
        {"network_security_groups": [group(subnets=[], networkInterfaces=[{"id": "n"}])]},
        {ID: "pass"},
    ),
    Case(SSH, "rules absent", {"network_security_groups": [group(securityRules=None)]}, {ID: "unknown"}),
    Case(
        SSH, "rules not a list", {"network_security_groups": [group(securityRules="none")]}, {ID: "unknown"}
    ),
    Case(
        SSH,
        "default rules absent",
        {"network_security_groups": [group(defaultSecurityRules=None)]},
        {ID: "pass"},
    ),
    Case(
        SSH,
        "open, but attached to nothing",
        {"network_security_groups": [group(OPEN, subnets=[])]},
        {ID: "fail"},
        reason="The Internet could reach tcp/22 through r200, but nothing is attached to the group",
    ),
    Case(
        SSH,
        "closed, and attached to nothing",
        {"network_security_groups": [group(subnets=[])]},
        {ID: "pass"},
        remark="Not attached to a subnet or network interface",
    ),
    Case(SSH, "no group", {}, {SUB: "not_applicable"}),
    Case(
        SSH,
        "interface without a group, Basic address",
        alone(),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach tcp/22",
    ),
    Case(
        SSH,
        "interface without a group, Standard address",
        alone("Standard"),
        {ID: "pass", NIC: "pass"},
        reason="Standard public address blocks the Internet",
    ),
    Case(SSH, "interface without a group, address unknown", alone("Premium"), {ID: "pass", NIC: "unknown"}),
    Case(
        SSH,
        "interface without a group, addresses forbidden",
        {**alone(), "public_addresses": {}},
        {ID: "pass", NIC: "unknown"},
        [gap("public_addresses", SUB)],
    ),
    Case(
        SSH,
        "interface without a group, address not listed",
        {**alone(), "public_addresses": [doc(f"{ADDRESS}2", sku={"name": "Basic"})]},
        {ID: "pass", NIC: "unknown"},
    ),
    Case(
        SSH,
        "interface without a group, no group anywhere",
        {**alone(), "network_security_groups": []},
        {NIC: "fail"},
    ),
    Case(
        SSH,
        "interface without a group, groups forbidden",
        {key: value for key, value in alone().items() if key != "network_security_groups"},
        {SUB: "unknown", NIC: "unknown"},
        [gap("network_security_groups")],
    ),
    Case(SSH, "interface with a group of its own", alone(own=ID), {ID: "pass"}),
    Case(SSH, "interface without a group and without an address", alone(address=False), {ID: "pass"}),
    *(
        Case(
            SSH, f"interface behind a load balancer, {name}", docs, {ID: "pass", NIC: outcome}, reason=reason
        )
        for name, docs, outcome, reason in BALANCED
    ),
    Case(
        SSH,
        "interface behind a load balancer, load balancers forbidden",
        {**behind(), "load_balancers": {}},
        {ID: "pass", NIC: "unknown"},
        [gap("load_balancers", SUB)],
    ),
    Case(
        SSH,
        "interface behind a load balancer of another subscription, forbidden",
        behind_elsewhere(forwarding(), read=False),
        {ID: "pass", NIC: "unknown"},
        [gap("foreign_load_balancers", ELSEWHERE)],
        reason="Missing permission Microsoft.Network/loadBalancers/read (Load balancers in other subscriptions",
    ),
    Case(
        SSH,
        "interface with a Basic address, load balancers forbidden",
        {**behind(address=True), "load_balancers": {}},
        {ID: "pass", NIC: "fail"},
        [gap("load_balancers", SUB)],
    ),
    Case(
        SSH,
        "interface behind an open load balancer, addresses forbidden",
        {**behind(forwarding(), address=True), "public_addresses": {}},
        {ID: "pass", NIC: "fail"},
        [gap("public_addresses", SUB)],
    ),
    Case(SSH, "interface with a group, behind a load balancer", behind(forwarding(), own=ID), {ID: "pass"}),
    Case(
        RDP,
        "interface behind a Basic load balancer, UDP",
        behind(forwarding(3389, "Udp")),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach udp/3389",
    ),
    Case(SSH, "forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
    Case(SSH, "interface reachable", interfaces_behind_open_group(nic()), {ID: "fail"}, remark=REACHED),
    *(
        Case(
            SSH,
            f"in a backend pool, {name}",
            interfaces_behind_open_group(
                nic(address=address, loadBalancerBackendAddressPools=[{"id": POOL}]), *others
            ),
            {ID: "fail"},
            remark=remark,
            no_remark=no_remark,
        )
        for name, address, others, remark, no_remark in (
            ("alone", False, (), "(by a load balancing rule or an inbound NAT rule): n1", NOT_REACHED),
            ("with an address", True, (), REACHED, "backend pool"),
            (
                "beside a reachable interface",
                False,
                (nic("n2"),),
                "(by a load balancing rule or an inbound NAT rule): n1",
                NOT_REACHED,
            ),
        )
    ),
    Case(
        SSH,
        "reachable through a NAT rule",
        interfaces_behind_open_group(nic(address=False, loadBalancerInboundNatRules=[{"id": "r"}])),
        {ID: "fail"},
        remark=REACHED,
    ),
    Case(
        SSH,
        "no public address",
        interfaces_behind_open_group(nic(address=False)),
        {ID: "fail"},
        remark=NOT_REACHED,
    ),
    Case(
        SSH, "no interface behind the group", interfaces_behind_open_group(), {ID: "fail"}, remark=NOT_REACHED
    ),
    Case(
        SSH,
        "a scale set behind the group",
        {
            "network_security_groups": [
                group(OPEN, subnets=[], networkInterfaces=[{"id": INTERFACE_OF_SCALE_SET}]),
            ]
        },
        {ID: "fail"},
        remark=NOT_KNOWN,
        no_remark=NOT_REACHED,
    ),
    Case(
        SSH,
        "nodes of AKS behind the group",
        {"network_security_groups": [group(OPEN)], "managed_resource_groups": [OF_CLUSTER]},
        {ID: "fail"},
        remark=NOT_KNOWN,
        no_remark=NOT_REACHED,
    ),
    Case(
        SSH,
        "interface in another subnet",
        interfaces_behind_open_group(nic(subnet={"id": f"{RG}/other"})),
        {ID: "fail", NIC: "unknown"},
        remark=NOT_REACHED,
    ),
    Case(
        SSH,
        "interface group allows",
        interfaces_behind_open_group(nic(own=INNER), inner=(OPEN,)),
        {ID: "fail", INNER: "fail"},
        remark=REACHED,
    ),
    Case(
        SSH,
        "interface group blocks",
        interfaces_behind_open_group(nic(own=INNER.upper()), inner=()),
        {ID: "fail", INNER: "pass"},
        remark=NOT_REACHED,
    ),
    Case(
        SSH,
        "interface group not listed",
        interfaces_behind_open_group(nic(own=INNER)),
        {ID: "fail"},
        remark=NOT_KNOWN,
    ),
    Case(
        SSH,
        "interface group unreadable",
        interfaces_behind_open_group(nic(own=INNER), inner=(rule(100, source=...),)),
        {ID: "fail", INNER: "unknown"},
        remark=NOT_KNOWN,
    ),
    Case(
        SSH,
        "one interface reachable, one unreadable",
        interfaces_behind_open_group(nic(), nic("n2", subnet=None)),
        {ID: "fail", OTHER_NIC: "unknown"},
        remark=REACHED,
    ),
    Case(
        SSH,
        "unreadable",
        interfaces_behind_open_group(nic("n2", subnet=None)),
        {ID: "fail", OTHER_NIC: "unknown"},
        remark=NOT_KNOWN,
    ),
    Case(
        SSH,
        "interfaces forbidden",
        {"network_security_groups": [group(OPEN)]},
        {ID: "fail", SUB: "unknown"},
        [gap("network_interfaces")],
        remark=NOT_KNOWN,
    ),
    Case(
        SSH,
        "more interfaces than are named",
        interfaces_behind_open_group(*(nic(f"n{number}") for number in range(7))),
        {ID: "fail"},
        remark="n4 and 2 more",
    ),
    Case(
        RDP,
        "reachable by UDP",
        {
            "network_security_groups": [group(rule(100, ports="3389", protocol="udp"))],
            "network_interfaces": [nic()],
        },
        {ID: "fail"},
        remark=REACHED,
    ),
    Case(
        RDP,
        "TCP",
        {"network_security_groups": [group(rule(100, ports="3389"))]},
        {ID: "fail"},
        reason="tcp/3389",
    ),
    Case(
        RDP,
        "UDP",
        {"network_security_groups": [group(rule(100, ports="3389", protocol="udp"))]},
        {ID: "fail"},
        reason="udp/3389",
    ),
    Case(
        RDP,
        "TCP denied, UDP open",
        {
            "network_security_groups": [
                group(rule(100, "Deny", ports="3389"), rule(200, ports="*", protocol="*"))
            ]
        },
        {ID: "fail"},
        reason="udp/3389",
    ),
    Case(RDP, "SSH only", {"network_security_groups": [group(OPEN)]}, {ID: "pass"}),
    Case(
        RDP,
        "UDP open, TCP unreadable",
        {
            "network_security_groups": [
                group(rule(100, "Deny", ports="3389", source=...), rule(200, ports="3389", protocol="Udp"))
            ]
        },
        {ID: "fail"},
    ),
    Case(
        RDP,
        "unreadable",
        {"network_security_groups": [group(rule(100, ports="3389", source=...))]},
        {ID: "unknown"},
    ),
    Case(RDP, "no group", {}, {SUB: "not_applicable"}),
    Case(
        RDP,
        "interface without a group, Basic address",
        alone(),
        {ID: "pass", NIC: "fail"},
        reason="Everybody can reach tcp/3389 and udp/3389",
    ),
    Case(RDP, "forbidden", {}, {SUB: "unknown"}, [gap("network_security_groups")]),
]

ABSENCE_PASSES = [
    (
        r"network-(ssh|rdp)-from-internet",
        (
            r"properties\.ipConfigurations\[\]\.properties\."
            r"(loadBalancerBackendAddressPools|loadBalancerInboundNatRules|publicIPAddress)"
        ),
        "Azure leaves out what an interface does not have",
    ),
    (
        r"network-(ssh|rdp)-from-internet",
        (
            r"properties\.(frontendIPConfigurations\[\]\.properties\.publicIPAddress"
            r"|loadBalancingRules\[\]\.properties\.backendAddressPool(\.id)?)"
        ),
        "Azure leaves out what a front end or a rule does not have",
    ),
]
OFFICIAL_VERDICTS = """
network-rdp-from-internet pass: nsg1 nsg3 testnsg
network-rdp-from-internet unknown: test-nic2  # the example's address has no SKU, and a Basic address lets everybody in
network-ssh-from-internet pass: nsg1 nsg3 testnsg
network-ssh-from-internet unknown: test-nic2  # the example's address has no SKU, and a Basic address lets everybody in
"""
