"""Steps of fixes that create network watchers in regions that have none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assessments.fixes.declare import Step, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import Variable

_GROUP = "NetworkWatcherRG"


def create_watchers(regions: Callable[[Facts], Sequence[str]]) -> tuple[Step, ...]:
    """Return the steps that create a network watcher in each of the regions that `regions` returns for a finding. The
    fix must declare the variables of `watcher_variables`.

    If the subscription already has network watchers, the steps use their resource group, which the finding states
    (`watcherGroup`). Otherwise, the first step creates a resource group.
    """
    return (
        command(
            f"az group create --name {_GROUP} --location {{region}} --subscription {{subscription}}",
            f"Create a resource group for network watchers, unless {_GROUP} exists.",
            when=lambda facts: bool(regions(facts)) and not facts.text("watcherGroup"),
        ),
        command(
            "az network watcher configure --locations {region} --enabled true --resource-group {watcher_group}"
            " --subscription {subscription}",
            "Create the network watcher of the region.",
            when=lambda facts: bool(regions(facts)),
            each=lambda facts: [{"region": region} for region in regions(facts)],
        ),
    )


def watcher_variables(regions: Callable[[Facts], Sequence[str]]) -> tuple[Variable, ...]:
    """Return the variables of `create_watchers`."""
    return (
        Variable(
            "region",
            "Region without a network watcher",
            "westeurope",
            known=lambda facts: next(iter(regions(facts)), ""),
        ),
        Variable(
            "watcher_group",
            "Resource group of the network watchers",
            _GROUP,
            known=lambda facts: facts.text("watcherGroup") or _GROUP * bool(regions(facts)),
        ),
    )
