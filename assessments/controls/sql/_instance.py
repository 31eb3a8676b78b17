"""A managed instance: whether its public data endpoint is on and the Internet gets through to it."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.sql._groups import group, group_of_subnet, narrow, sizes
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.nsg import exposure
from assessments.estate.view import View

# https://learn.microsoft.com/azure/azure-sql/managed-instance/public-endpoint-overview
PORT = 3342


def instance_open_to_internet(instance: View, ctx: Context) -> Verdict:
    """Judge one instance; raises CollectionUnavailable or Unreadable."""
    if not instance.flag("properties.publicDataEndpointEnabled"):
        return passed("the public data endpoint is off", publicDataEndpointEnabled=False)
    subnet = instance.text("properties.subnetId")
    identifier = group_of_subnet(subnet, ctx, instance)
    if not identifier:
        # Azure does not let go of a managed instance's group: what was read is not how things are.
        raise instance.unreadable("the security group of the subnet", "absent, though Azure requires one")
    guard = group(identifier, ctx, instance)
    exposed = exposure(guard, PORT, "tcp")
    observed: dict[str, Any] = {
        "publicDataEndpointEnabled": True,
        "group": guard.name,
        "rules": sorted(set(exposed.rules)),
        "exposed": sizes(exposed),
    }
    if exposed.to_internet:
        rules = ", ".join(sorted(set(exposed.rules)))
        return failed(
            f"the public data endpoint is on and the Internet can reach tcp/{PORT} through {rules} of {guard.name}",
            **observed,
        )
    remarks = ["the public data endpoint is on", *narrow(exposed)]
    return passed(f"{guard.name} does not let the Internet reach tcp/{PORT}", remarks=remarks, **observed)
