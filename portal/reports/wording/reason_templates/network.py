"""Templates of the sentences that controls of the section `network` write."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Azure offers no network watcher in {list}",
    "Services outside the perimeters of this subscription: {number}",
    "Services whose perimeter is not enforced: {number}",
    "Everybody can reach {list}: the interface has no security group, and its public address is Basic",
    (
        "Everybody can reach {list}: the interface has no security group, and the Basic load balancer {balancers} "
        "forwards connections with {rules}"
    ),
    # Only findings that earlier versions of Surety stored have the next two reasons.
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
    "Network interfaces that the Internet reaches now: {list} and {number} more",
    "Network interfaces that the Internet reaches now: {list}",
    # The next two remarks occur only in findings that earlier versions of Surety stored.
    "Reachable from the Internet now: {list} and {number} more",
    "Reachable from the Internet now: {list}",
    (
        "Network interfaces in a backend pool, which the Internet can reach if a public load balancer forwards to"
        " this pool (by a load balancing rule or an inbound NAT rule): {list} and {number} more"
    ),
    (
        "Network interfaces in a backend pool, which the Internet can reach if a public load balancer forwards to"
        " this pool (by a load balancing rule or an inbound NAT rule): {list}"
    ),
    # The next four remarks occur only in findings that earlier versions of Surety stored.
    (
        "Network interfaces that the Internet reaches if a load balancing rule or an inbound NAT rule of a public"
        " load balancer forwards to their backend pool: {list} and {number} more"
    ),
    (
        "Network interfaces that the Internet reaches if a load balancing rule or an inbound NAT rule of a public"
        " load balancer forwards to their backend pool: {list}"
    ),
    (
        "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
        "inbound NAT rule for the pool: {list} and {number} more"
    ),
    (
        "Reachable if a public load balancer forwards to the backend pool, by a load balancing rule or an "
        "inbound NAT rule for the pool: {list}"
    ),
    "Allowed public networks: {networks}",
    "The web application firewall policy {name} is not in the list that Azure returned",
    "Surety does not read whether the network {name} of another subscription has a Bastion host",
    (
        "Check whether the peered network {name} has a Bastion host: Surety does not read it, because it is in "
        "another subscription"
    ),
    "Surety does not read which public addresses the scale set {name} of another subscription has",
    (
        "Check whether the scale set {name} has public addresses: Surety does not read it, because it is in another "
        "subscription"
    ),
    "The scale set {resource} is not in the list that Azure returned",
    "Property {property} of {name} is not one of the gateway's profiles",
    "Property {property} of {name} is a list that disables every TLS version",
    # The next reason occurs only in findings that earlier versions of Surety stored.
    "Property {property} of {name} is a list of every version",
)
