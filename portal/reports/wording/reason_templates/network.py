"""Templates of the sentences that controls of the section `network` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "No security policy with this firewall is for all paths",
    "Front Door (classic) retires on 31 March 2027: move to the tier Standard or Premium",
    "No Front Door",
    "Azure offers no network watcher in {list}",
    "Services outside the perimeters of this subscription: {number}",
    "Services whose perimeter is not enforced: {number}",
    "Everybody can reach {list}: no security group, and a Basic public address",
    (
        "Everybody can reach {list}: no security group, and the Basic load balancer {balancers} forwards "
        "connections with {rules}"
    ),
    (
        "No security group protects the interface; its load balancers forward no connection from the "
        "Internet to {list}"
    ),
    "The Internet can reach {list} through {rules}",
    "The Internet could reach {list} through {rules}, but nothing is attached to the group",
    "Every Azure customer can reach {list} through {rules}",
    "Every Azure customer could reach {list} through {rules}, but nothing is attached to the group",
    "Only some public addresses can reach port {port}",
    "Port {port} is not open to the Internet",
    "Reachable from the Internet now: {list} and {number} more",
    "Reachable from the Internet now: {list}",
    (
        "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
        "inbound NAT rule for the pool: {list} and {number} more"
    ),
    (
        "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
        "inbound NAT rule for the pool: {list}"
    ),
    "Allowed public networks: {networks}",
    "Until a security group allows connections, a Standard address blocks the Internet",
    "A Basic address lets everybody reach every port",
    "The firewall is configured at the gateway itself, which ends in March 2027: move its settings to a policy",
    "The web application firewall policy {name} is not in the list that Azure returned",
    "No web application firewall of an application gateway",
    "No application gateways",
    "No virtual network gateways or VPN server configurations",
    "No public addresses",
    "A host of the SKU Developer is shared with other customers, and serves one connection at a time",
    "Anyone who has a link of Azure Bastion can connect without access to the portal",
    "Surety does not read whether the network {name} of another subscription has a Bastion host",
    "Surety does not read which public addresses the scale set {name} of another subscription has",
    "The scale set {resource} is not in the list that Azure returned",
    "Property {property} of {name} is not one of the gateway's profiles",
    "Property {property} of {name} is a list of every version",
    "Some rules about bad bots are off, and Surety does not know whether any other such rule is on",
    "No network interface of a virtual machine",
    "No virtual networks",
    "No network interfaces",
    "The Internet can reach no UDP port that attackers often abuse",
    "Only some public addresses can reach UDP ports that attackers often abuse",
    "The Internet can reach no port of a website",
    "Only some public addresses can reach the ports of a website",
    "The Internet can reach no website port other than 443",
    "Only some public addresses can reach website ports other than 443",
    "Port 443 was not checked, because it is accepted",
    "The Internet can reach further UDP ports, which do not change the verdict",
    "Could not check whether the Internet can reach further UDP ports",
    "The Internet can reach port 443, which is accepted",
    "Could not check whether the Internet can reach port 443, which would be accepted",
)
