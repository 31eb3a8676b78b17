"""What the controls network-*-from-internet have in common: what they judge and read, and how to fix their findings."""

from __future__ import annotations

from typing import Final

from assessments.controls.network._groups import CHANGE_SERVICE, is_of_aks
from assessments.controls.network._variables import INTERFACE, NEW_GROUP
from assessments.estate.collections.network import (
    FOREIGN_LOAD_BALANCERS,
    LOAD_BALANCERS,
    NICS,
    NSGS,
    PUBLIC_ADDRESSES,
)
from assessments.fixes.declare import Step, advice, command
from assessments.fixes.variables import SOURCE, Variable

NEEDS: Final = (NSGS, NICS, PUBLIC_ADDRESSES, LOAD_BALANCERS, FOREIGN_LOAD_BALANCERS)
SUBJECT_TYPE: Final = (
    "Microsoft.Network/networkSecurityGroups, or Microsoft.Network/networkInterfaces without a group"
)
EMPTY_REASON: Final = (
    "No network security groups, and no unprotected network interface with a public address or a load"
    " balancer"
)
PORTAL: Final = (
    "Azure portal › Network security groups › {nsg} › Settings › Inbound security rules › the rule › Source"
)
PORTAL_SOURCE: Final = "https://learn.microsoft.com/azure/virtual-network/manage-network-security-group"
EFFECTS: Final = (
    "Narrowing a rule: clients outside of the networks that you allow can no longer connect, on any port of the rule."
    " Attaching a group to an interface: all inbound connections that the group does not allow end, on every port."
)
VARIABLES: Final = (
    Variable("rule", "Inbound rule in the finding", "AllowAnyInbound"),
    SOURCE,
    INTERFACE,
    NEW_GROUP,
)
INTERFACES: Final = "microsoft.network/networkinterfaces"
_GROUPS: Final = "microsoft.network/networksecuritygroups"


def close_ports(intro: str) -> tuple[Step, ...]:
    """Return the steps that close ports to the Internet: they narrow the rules of a security group, or attach a group
    to an interface without a group. `intro` says which networks the rules should allow.
    """
    return (
        command(
            "az network nsg rule update --resource-group {group} --nsg-name {nsg} --name {rule}"
            " --source-address-prefixes {source} --subscription {subscription}",
            intro,
            kinds=(_GROUPS,),
            when=lambda facts: bool(facts.texts("openingRules")) and not is_of_aks(facts),
            each=lambda facts: [{"rule": rule} for rule in facts.texts("openingRules")],
        ),
        advice(
            "Of the rules in the finding, narrow those that let the Internet in, and keep those for single networks.",
            kinds=(_GROUPS,),
            when=lambda facts: not facts.texts("openingRules") and not is_of_aks(facts),
        ),
        CHANGE_SERVICE,
        command(
            "az network nic update --resource-group {group} --name {interface} --network-security-group {new_nsg}"
            " --subscription {subscription}",
            "Network interface without a security group: attach a group of the same region that admits only the"
            " connections that the machine needs. A group without rules of your own blocks the Internet; it admits the"
            " virtual network and health probes of load balancers.",
            kinds=(INTERFACES,),
        ),
    )
