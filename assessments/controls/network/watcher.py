"""The control network-watcher: Network Watcher runs in every region with virtual networks.

Properties: azure-mgmt-network 33.1.0 (NetworkWatcher)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import References
from assessments.controls.shared.network_watchers import create_watchers, watcher_variables
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.network import NETWORK_PROVIDER, NETWORK_WATCHERS, VIRTUAL_NETWORKS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import resource_group_of
from assessments.estate.network.watchers import watcher_regions
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix
from assessments.fixes.facts import Facts

_LEARN: Final = "https://learn.microsoft.com/azure"
_STATES: Final = frozenset({"succeeded", "creating", "updating", "deleting", "failed", "canceled"})
# A network watcher in the state Updating is in use: Azure only changes settings such as its tags.
_READY: Final = frozenset({"succeeded", "updating"})

REGIONS: Final = Parameter(
    "regions",
    "vnet",
    "Regions that need a network watcher: those with virtual networks (vnet), or those with any resource (all)",
    label="Regions that need a watcher",
    choices=("vnet", "all"),
)


def _missing_regions(facts: Facts) -> list[str]:
    return facts.texts("missingRegions")


def _regions_in_use(ctx: Context) -> set[str]:
    """Return the regions that need a network watcher. Raise CollectionUnavailable or Unreadable if needed data could
    not be read.
    """
    regions = {_region(network) for network in ctx.documents(VIRTUAL_NETWORKS)}
    if ctx.params[REGIONS.name] == "all":
        regions |= {_region(resource) for resource in ctx.documents(RESOURCES)} - {"global"}
    return regions


def _watchers(ctx: Context) -> Verdict:
    regions = _regions_in_use(ctx)
    if not regions and ctx.params[REGIONS.name] == "all":
        return not_applicable("The subscription has no resources that belong to a region")
    if not regions:
        return not_applicable("No virtual networks")
    watchers = ctx.documents(NETWORK_WATCHERS)
    ready, undecided = set[str](), set[str]()
    has_unknown_region = False
    problem: Unreadable | None = None
    for watcher in watchers:
        try:
            region = _region(watcher)
        except Unreadable as error:
            problem = problem or error
            has_unknown_region = True
            continue
        try:
            if watcher.object("properties").choice("provisioningState", _STATES) in _READY:
                ready.add(region)
        except Unreadable as error:
            if region in regions:
                problem = problem or error
            undecided.add(region)
    unwatched = regions - ready - undecided
    offered = _offered(unwatched, ctx)
    missing = sorted(unwatched & offered)
    if missing and not has_unknown_region:
        group = resource_group_of(min(watcher.id for watcher in watchers)) if watchers else None
        return failed(
            "A region in use has no network watcher that is ready",
            missingRegions=missing,
            watcherGroup=group,
        )
    if problem is not None and (undecided & regions - ready or missing):
        raise problem
    if not regions & (ready | undecided):
        return not_applicable("Azure offers no network watcher in the regions in use")
    without = ", ".join(sorted(unwatched - offered))
    return passed(
        "Every region in use has a network watcher",
        remarks=[f"Azure offers no network watcher in {without}"] if without else [],
        missingRegions=[],
    )


def _offered(regions: set[str], ctx: Context) -> set[str]:
    """Return all regions in which Azure offers network watchers. If `regions` is empty, read nothing, and return an
    empty set.

    Raise CollectionUnavailable or Unreadable if needed data could not be read.
    """
    if not regions:
        return set()
    provider = ctx.single(NETWORK_PROVIDER, ctx.scope_id)
    if provider is None:
        raise CollectionUnavailable(Gap(NETWORK_PROVIDER.name, ctx.scope_id, Reason.NOT_FOUND))
    return watcher_regions(provider)


def _region(document: View) -> str:
    """Return the region of a document, from its property `location`. Raise Unreadable if a needed property cannot be
    read.
    """
    document.text("location")
    if not document.location:
        raise document.unreadable("location", "empty")
    return document.location


WATCHER = per_scope(
    needs=(VIRTUAL_NETWORKS, NETWORK_WATCHERS, RESOURCES, NETWORK_PROVIDER),
    slug="network-watcher",
    doc=Doc(
        title="Network Watcher runs in every region with virtual networks",
        problem="Region without a network watcher",
        expected="Each region with a virtual network has a network watcher that is ready",
        judged="The regions of the virtual networks of each subscription, and the state of its network watchers. With"
        " `regions` set to `all`, the regions of all resources count. Regions in which Azure offers no network watcher"
        " do not count.",
        why="Without a network watcher, nobody can record or examine the traffic of a network.",
    ),
    severity=Severity.MEDIUM,
    labels={
        "missingRegions": "Regions without a network watcher",
        "watcherGroup": "Resource group of the network watchers",
    },
    parameters=(REGIONS,),
    expects={"missingRegions": ()},
    references=References(
        c2="6.6",
        c3="7.6",
        c4="8.6",
        c5="7.6",
        c6="7.6",
        mcsb="IR-4",
        nist="AU-6 AU-6(4) AU-6(5) AU-12 AU-12(1) SI-4",
    ),
    fix=Fix(
        *create_watchers(_missing_regions),
        portal="Azure portal › Network Watcher",
        portal_source=f"{_LEARN}/network-watcher/network-watcher-create",
        cost="Azure bills only what is recorded or tested with the network watcher.",
        variables=watcher_variables(_missing_regions),
    ),
)(_watchers)
