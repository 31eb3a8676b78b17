"""Resources of Application Insights, and the expected verdicts of monitoring-appinsights."""

from __future__ import annotations

from sandbox.generate.machines.virtual_machines import MACHINES
from sandbox.generate.subscription import Subscription

CONTROLS = ("monitoring-appinsights",)
_APPLICATIONS = {
    MACHINES,
    "Microsoft.Web/sites",
    "Microsoft.App/containerApps",
    "Microsoft.ContainerService/managedClusters",
}


def write_last(sub: Subscription) -> None:
    """Write a resource of Application Insights if the subscription has applications. A random fault can omit it.

    Call this after all applications have been written.
    """
    if not _APPLICATIONS & sub.types_seen:
        return
    with sub.branch("application insights"):
        missing = sub.rng.faulty()
        sub.expect_failure_if("monitoring-appinsights", sub.id, missing)
        if missing:
            return
        group, region, tags = sub.group()
        sub.write(
            group,
            "Microsoft.Insights/components",
            f"appi-{tags['application']}",
            {"Application_Type": "web", "provisioningState": "Succeeded"},
            location=region,
            tags=tags,
            kind="web",
        )
