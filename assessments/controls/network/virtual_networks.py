"""The controls network-watcher, network-ddos and network-public-ip-review.

Properties: azure-mgmt-network 33.1.0 (NetworkWatcher, VirtualNetwork, PublicIPAddress)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Parameter, each_subject, judgements, per_scope, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import (
    Judgement,
    Severity,
    Verdict,
    failed,
    manual,
    not_applicable,
    passed,
)
from assessments.estate.collections.network import (
    NETWORK_PROVIDER,
    NETWORK_WATCHERS,
    NICS,
    PUBLIC_ADDRESSES,
    VIRTUAL_NETWORKS,
)
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Gap, Reason
from assessments.estate.ids import fold, parent_of, resource_group_of
from assessments.estate.network.load_balancers import balancers_of, balancing_targets
from assessments.estate.network.sql_interfaces import reference
from assessments.estate.network.watchers import watcher_regions
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

_LEARN: Final = "https://learn.microsoft.com/azure"
_STATES: Final = frozenset({"succeeded", "creating", "updating", "deleting", "failed", "canceled"})
_MODES: Final = frozenset({"virtualnetworkinherited", "enabled", "disabled"})
_SCALE_SETS: Final = "/virtualmachinescalesets/"
_BALANCERS: Final = "/providers/microsoft.network/loadbalancers/"

ONLY_PUBLIC: Final = Parameter(
    "only_public",
    True,
    "Judge only virtual networks with a resource that has a public address",
    label="Only networks with public addresses",
)


REGIONS: Final = Parameter(
    "regions",
    "vnet",
    "Regions that need a network watcher: those with virtual networks (vnet), or those with any resource (all)",
    label="Regions that need a watcher",
    choices=("vnet", "all"),
)


def _regions_in_use(ctx: Context) -> set[str]:
    """Return the regions that need a network watcher. Raise CollectionUnavailable or Unreadable."""
    regions = {_region(network) for network in ctx.documents(VIRTUAL_NETWORKS)}
    if ctx.params[REGIONS.name] == "all":
        regions |= {_region(resource) for resource in ctx.documents(RESOURCES)} - {"global"}
    return regions


def _watchers(ctx: Context) -> Verdict:
    regions = _regions_in_use(ctx)
    if not regions and ctx.params[REGIONS.name] == "all":
        return not_applicable("No resource is in a region")
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
            if watcher.object("properties").choice("provisioningState", _STATES) == "succeeded":
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
    """Return those of `regions` in which Azure offers network watchers. Raise CollectionUnavailable or Unreadable.

    If `regions` is empty, nothing is read.
    """
    if not regions:
        return set()
    provider = ctx.single(NETWORK_PROVIDER, ctx.scope_id)
    if provider is None:
        raise CollectionUnavailable(Gap(NETWORK_PROVIDER.name, ctx.scope_id, Reason.NOT_FOUND))
    return watcher_regions(provider)


def _region(document: View) -> str:
    """Return the region of a document, from its property `location`. Raise Unreadable."""
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
        command(
            "az group create --name NetworkWatcherRG --location {region} --subscription {subscription}",
            "Create a resource group for network watchers, unless NetworkWatcherRG exists.",
            when=lambda facts: not facts.text("watcherGroup"),
        ),
        command(
            "az network watcher configure --locations {region} --enabled true --resource-group {watcher_group}"
            " --subscription {subscription}",
            "Create the network watcher of the region.",
            each=lambda facts: [{"region": region} for region in facts.texts("missingRegions")],
        ),
        portal="Azure portal › Network Watcher",
        portal_source=f"{_LEARN}/network-watcher/network-watcher-create",
        cost="Azure bills only what is recorded or tested with the network watcher.",
        variables=[
            Variable(
                "region",
                "Region without a network watcher",
                "westeurope",
                known=lambda facts: next(iter(facts.texts("missingRegions")), ""),
            ),
            Variable(
                "watcher_group",
                "Resource group of the network watchers",
                "NetworkWatcherRG",
                known=lambda facts: (
                    facts.text("watcherGroup") or "NetworkWatcherRG" * bool(facts.texts("missingRegions"))
                ),
            ),
        ],
    ),
)(_watchers)


def _ddos(network: View, ctx: Context) -> Verdict:
    properties = network.object("properties")
    setting = properties.raw("enableDdosProtection")
    is_on = properties.flag("enableDdosProtection", default=False)
    if is_on and reference(properties, "ddosProtectionPlan"):
        return passed("DDoS Network Protection is on", enableDdosProtection=setting)
    addresses = _addresses_of(properties, ctx)
    if not addresses and ctx.params[ONLY_PUBLIC.name]:
        if any(_SCALE_SETS in fold(one) for one in _configurations(properties)):
            raise Undecided(
                network.id,
                "properties.subnets",
                "Surety does not read which public addresses the scale sets of the network have",
            )
        return not_applicable("No resource of the network has a public address")
    modes = {
        address.object("properties").choice("ddosSettings.protectionMode", _MODES, default="")
        for address in addresses
    }
    if modes == {"enabled"}:
        return passed(
            "DDoS IP Protection is on for every public address of the network",
            remarks=["DDoS Network Protection of the network itself is off"],
            enableDdosProtection=setting,
        )
    if is_on:
        return failed("DDoS Network Protection is on, but has no plan", enableDdosProtection=setting)
    return failed("DDoS Network Protection is off", enableDdosProtection=setting)


def _configurations(network: View) -> list[str]:
    """Return the ids of the IP configurations in the subnets of a network. `network` is its object `properties`."""
    found = []
    for subnet in network.items("subnets", default=[]):
        settings = subnet.object("properties")
        for name in ("ipConfigurations", "applicationGatewayIPConfigurations"):
            found += [one.text("id") for one in settings.items(name, default=[])]
    return found


def _addresses_of(network: View, ctx: Context) -> list[View]:
    """Return the public addresses of the resources in a virtual network. `network` is its object `properties`.

    A public load balancer is in no subnet, but counts if one of its targets is in the network. Raise
    CollectionUnavailable or Unreadable.
    """
    inside = {fold(parent_of(one)) for one in _configurations(network)}
    balancers: set[str] | None = None
    found = []
    for address in ctx.documents(PUBLIC_ADDRESSES):
        owner = fold(parent_of(reference(address.object("properties"), "ipConfiguration")))
        if _BALANCERS in owner:
            if balancers is None:
                balancers = _balancers(inside, ctx)
            if owner in balancers:
                found.append(address)
        elif owner and owner in inside:
            found.append(address)
    return found


def _balancers(inside: set[str], ctx: Context) -> set[str]:
    """Return the case-folded ids of the load balancers that lead to the interfaces with the ids in `inside`."""
    targets: set[str] = set()
    for interface in ctx.documents(NICS):
        if fold(interface.id) in inside:
            for entry in interface.items("properties.ipConfigurations"):
                targets |= balancing_targets(entry.object("properties"))
    return set(balancers_of(targets))


DDOS = declare_settings(
    __name__,
    VIRTUAL_NETWORKS,
    SettingControl(
        "network-ddos",
        title="Virtual networks with public addresses have DDoS protection",
        problem="Virtual network without DDoS protection",
        expected="DDoS Network Protection is on, or DDoS IP Protection for each public address",
        judged="`enableDdosProtection` and `ddosProtectionPlan` of each virtual network with a resource that has a"
        " public address. If a property is absent, it counts as off. A network also passes if DDoS IP Protection is on"
        " for each of these addresses. Public addresses of single machines of scale sets are not read, so their"
        " networks are unknown. With `only_public` off, networks without a public address are judged too.",
        why="An attack that floods a public address makes every application of the network unreachable.",
        severity=Severity.MEDIUM,
        judge=_ddos,
        needs=(PUBLIC_ADDRESSES, NICS),
        parameters=(ONLY_PUBLIC,),
        references=References(
            c5="8.5",
            c6="8.5",
            mcsb="NS-5",
            nist="SC-5",
            partly=(
                Partly(
                    "c5 c6",
                    "The control does not judge networks without a public address",
                    unless=(Setting("only_public", equal=False),),
                ),
                Partly("c5 c6", "The control also accepts protection of single addresses"),
            ),
        ),
        fix=Fix(
            command(
                "az network vnet update --resource-group {group} --name {network} --ddos-protection true"
                " --ddos-protection-plan {ddos_plan} --subscription {subscription}",
                "One plan can serve all subscriptions of a directory.",
            ),
            portal="Azure portal › Virtual networks › {network} › Settings › DDoS protection › Enable",
            portal_source=f"{_LEARN}/ddos-protection/manage-ddos-protection",
            cost="A plan is billed each month, and costs more for many protected addresses.",
            variables=[
                Variable(
                    "network",
                    "Name of the virtual network",
                    "vnet-hub",
                    "the virtual network",
                    segment("virtualNetworks"),
                ),
                Variable(
                    "ddos_plan",
                    "Full id of the DDoS protection plan",
                    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-network/providers"
                    "/Microsoft.Network/ddosProtectionPlans/ddos-plan",
                ),
            ],
        ),
    ),
)


def _attachment(address: View) -> str:
    """Return the case-folded id of the IP configuration or NAT gateway that uses an address, or an empty string if
    nothing uses the address. Raise Unreadable.
    """
    properties = address.object("properties")
    return fold(reference(properties, "ipConfiguration") or reference(properties, "natGateway"))


def _unused(_address: View, _ctx: Context) -> Verdict:
    return failed("Nothing uses the public address")


def _is_unused(address: View, _ctx: Context) -> bool:
    return not _attachment(address)


@judgements(
    needs=(PUBLIC_ADDRESSES,),
    subject_type="Microsoft.Network/publicIPAddresses",
    empty_reason="No public addresses",
    slug="network-public-ip-review",
    doc=Doc(
        title="Public addresses are used and reviewed",
        problem="Public addresses unused or not reviewed",
        expected="Each public address is in use, and somebody attests every half year that it is needed",
        judged="Each public address that nothing uses fails. All addresses together need an attestation for each"
        " subscription, which ends when an address is added or removed, or is used by another resource. Which services"
        " answer at an address is not tested.",
        why="Each public address is a place at which the whole Internet can try to get in.",
    ),
    severity=Severity.LOW,
    references=References(
        c2="6.7",
        c3="7.7",
        c4="8.7",
        c5="7.7",
        c6="7.7",
        nist="CM-8*",
        partly=(Partly("c2 c3 c4 c5 c6", "A person attests that the addresses were reviewed"),),
    ),
    fix=Fix(
        command(
            "az network public-ip delete --resource-group {group} --name {address} --subscription {subscription}",
            "Delete the address if nobody needs it.",
            kinds=("microsoft.network/publicipaddresses",),
        ),
        advice("Review all public addresses of the subscription, and attest that they are needed."),
        portal="Azure portal › Public IP addresses",
        portal_source=f"{_LEARN}/virtual-network/ip-services/virtual-network-public-ip-address",
        effects="A deleted address belongs to Azure again: first delete the DNS records that name it.",
        variables=[
            Variable(
                "address",
                "Name of the public address",
                "pip-web",
                "the public address",
                segment("publicIPAddresses"),
            )
        ],
    ),
    is_manual=True,
    answer=Answer(days=180, bound=True),
)
def public_ip_review(ctx: Context) -> Iterator[Judgement]:
    """Judge each public address that nothing uses, and ask for a review of all public addresses."""
    yield from each_subject(_unused, PUBLIC_ADDRESSES, ctx, _is_unused)
    addresses, gaps = ctx.partial(PUBLIC_ADDRESSES)
    if gaps or not addresses:
        return
    try:
        uses = sorted(f"{fold(address.id)} {_attachment(address)}" for address in addresses)
    except Unreadable as error:
        yield Judgement(ctx.scope_id, unknown_from(error))
        return
    digest = hashlib.sha256("\n".join(uses).encode()).hexdigest()
    yield Judgement(
        ctx.scope_id,
        manual("Attest that every public address is needed", addresses=len(uses), listSha256=digest),
    )
