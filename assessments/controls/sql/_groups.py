"""Find the network security groups in front of a managed instance or SQL virtual machine, and the sources that they
allow.
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.estate.collections.network import NSGS
from assessments.estate.collections.sql import SQL_NETWORKS
from assessments.estate.ids import parent_of
from assessments.estate.network.nsg import Exposure
from assessments.estate.network.sql_interfaces import subnet_group
from assessments.estate.ranges import size
from assessments.estate.view import View

# If a group allows more public addresses than this, a remark says so. A typical office has fewer public addresses.
MANY_ADDRESSES = 256


def group_of_subnet(subnet: str, ctx: Context, referrer: View) -> str:
    """Return the id of the subnet's security group, or an empty string if the subnet has no security group.

    `referrer` is the document that names the subnet. Raise CollectionUnavailable or Unreadable if needed data could not
    be read.
    """
    network = ctx.single(SQL_NETWORKS, parent_of(subnet))
    if network is None:
        raise referrer.unlisted("properties.subnet", "virtual network", parent_of(subnet))
    return subnet_group(network, subnet)


def security_group(identifier: str, ctx: Context, referrer: View) -> View:
    """Return the security group with this id. Raise CollectionUnavailable or Unreadable if the group was not read."""
    found = ctx.find(NSGS, identifier)
    if found is None:
        ctx.require_complete(NSGS)
        raise referrer.unlisted("properties.networkSecurityGroup", "network security group", identifier)
    return found


def observed_sizes(exposed: Exposure) -> dict[str, str]:
    """Return how many addresses are allowed, as text, because JSON readers lose precision on counts of IPv6
    addresses.
    """
    return {"ipv4": str(size(exposed.v4)), "ipv6": str(size(exposed.v6))}


def partial_exposure_remarks(exposed: Exposure) -> list[str]:
    """Return remarks on the allowed public addresses, for a group that does not allow the whole Internet."""
    remarks = []
    if exposed.addresses > MANY_ADDRESSES:
        remarks.append(f"The rules allow more than {MANY_ADDRESSES} public addresses")
    if exposed.azure_tags:
        tags = ", ".join(sorted(set(exposed.azure_tags)))
        remarks.append(f"Any Azure customer can connect, because the rules allow {tags}")
    return remarks
