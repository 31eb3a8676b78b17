"""Templates of the sentences of the section `network`."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
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
    "Every Azure customer can reach {list} through {rules}",
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
)
