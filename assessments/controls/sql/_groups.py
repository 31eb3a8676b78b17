"""Security groups before a managed instance or a SQL machine: what they let the Internet reach."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collections.network import NSGS
from assessments.estate.collections.sql import SQL_NETWORKS
from assessments.estate.ids import parent_of
from assessments.estate.nsg import Exposure
from assessments.estate.ranges import size
from assessments.estate.sql_interfaces import subnet_group
from assessments.estate.view import View

# More public addresses than a usual office range.
MANY = 256


def group_of_subnet(subnet: str, ctx: Context, asker: View) -> str:
    """The id of the security group of a subnet, `` where it has none; raises CollectionUnavailable, Unreadable.

    `asker` is the document that named the subnet.
    """
    network = ctx.single(SQL_NETWORKS, parent_of(subnet))
    if network is None:
        raise asker.unreadable("the subnet's virtual network", "absent")
    return subnet_group(network, subnet)


def group(identifier: str, ctx: Context, asker: View) -> View:
    """The security group with an id; raises CollectionUnavailable, Unreadable where it was not read."""
    found = ctx.find(NSGS, identifier)
    if found is None:
        ctx.require_complete(NSGS)
        raise asker.unreadable(
            f"security group {identifier.rsplit('/', 1)[-1]}", "not among those that were read"
        )
    return found


def sizes(exposed: Exposure) -> dict[str, str]:
    """How many addresses are let in; as text, IPv6 counts are beyond what JSON readers keep exactly."""
    return {"ipv4": str(size(exposed.v4)), "ipv6": str(size(exposed.v6))}


def narrow(exposed: Exposure) -> list[str]:
    """Remarks on what is let in and is not the Internet."""
    remarks = []
    if exposed.addresses > MANY:
        remarks.append(f"more than {MANY} public addresses are let in")
    if exposed.azure_tags:
        tags = ", ".join(sorted(set(exposed.azure_tags)))
        remarks.append(f"any customer of Azure can come from {tags}")
    return remarks
