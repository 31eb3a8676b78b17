"""Judge whether the Internet can reach the public data endpoint of a managed instance."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.sql._groups import (
    group_of_subnet,
    observed_sizes,
    partial_exposure_remarks,
    security_group,
)
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.network.nsg import exposure
from assessments.estate.view import Unreadable, View

# https://learn.microsoft.com/azure/azure-sql/managed-instance/public-endpoint-overview
PORT = 3342


def instance_open_to_internet(instance: View, ctx: Context) -> Verdict:
    """Judge one managed instance. Raise CollectionUnavailable or Unreadable if needed data could not be read."""
    if not instance.flag("properties.publicDataEndpointEnabled"):
        return passed("The public data endpoint is off", publicDataEndpointEnabled=False)
    subnet = instance.text("properties.subnetId")
    identifier = group_of_subnet(subnet, ctx, instance)
    if not identifier:
        # Azure requires a security group on the subnet of a managed instance. So if Azure names no group, its answer
        # is incomplete.
        reason = "Azure returned no security group of the instance's subnet, although Azure requires one"
        raise Unreadable(instance.id, "properties.subnetId", "without a security group", reason)
    nsg = security_group(identifier, ctx, instance)
    exposed = exposure(nsg, PORT, "tcp")
    observed: dict[str, Any] = {
        "publicDataEndpointEnabled": True,
        "group": nsg.name,
        "rules": sorted(set(exposed.rules)),
        "exposed": observed_sizes(exposed),
    }
    if exposed.to_internet:
        rules = ", ".join(sorted(set(exposed.rules)))
        who = f"{exposed.who[0].lower()}{exposed.who[1:]}"
        return failed(
            f"The public data endpoint is on and {who} can reach tcp/{PORT} through {rules} of {nsg.name}",
            **observed,
        )
    remarks = ["The public data endpoint is on", *partial_exposure_remarks(exposed)]
    return passed(f"{nsg.name} does not let the Internet reach tcp/{PORT}", remarks=remarks, **observed)
