"""The control network-nsp: Network security perimeters protect platform services.

Source: https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts, which lists the kinds of
services that can be in a perimeter
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.defender_plans import resources_of
from assessments.controls.verdict import Severity, Verdict, manual, not_applicable
from assessments.estate.collections.network import PERIMETER_ASSOCIATIONS, PERIMETERS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold
from assessments.fixes.declare import Fix, advice

_CAPABLE: Final = (
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.DocumentDB/databaseAccounts",
    "Microsoft.EventHub/namespaces",
    "Microsoft.KeyVault/vaults",
    "Microsoft.OperationalInsights/workspaces",
    "Microsoft.Search/searchServices",
    "Microsoft.ServiceBus/namespaces",
    "Microsoft.Sql/servers",
    "Microsoft.Storage/storageAccounts",
)
_MODES: Final = frozenset({"enforced", "learning", "audit"})


@per_scope(
    needs=(RESOURCES, PERIMETERS, PERIMETER_ASSOCIATIONS),
    severity=Severity.LOW,
    labels={
        "notEnforced": "Services whose perimeter is not enforced",
        "outsidePerimeters": "Services outside perimeters",
        "services": "Services that can be in a perimeter",
    },
    references=References(
        c5="7.16",
        c6="7.16",
        nist="SC-7*",
        partly=(
            Partly(
                "c5 c6",
                "Which services need a perimeter is a judgement; the control only lists the services outside of"
                " perimeters",
            ),
        ),
    ),
    fix=Fix(
        advice(
            "Create a perimeter, and add the services in transition mode. Enforce it once the logs show no denials."
        ),
        advice(
            "If the services are in perimeters of other subscriptions, or need no perimeter, attest this in Surety."
        ),
        portal="Azure portal › Network security perimeters › Create",
        portal_source="https://learn.microsoft.com/azure/private-link/create-network-security-perimeter-portal",
        effects="In enforced mode, a service refuses all public traffic that no access rule permits.",
    ),
    is_manual=True,
    answer=Answer(days=180),
)
def nsp(ctx: Context) -> Verdict:
    """Network security perimeters protect platform services.

    Problem: Platform services not confirmed to be in network security perimeters
    Expected: An attestation, at most 180 days old, that each service that needs a perimeter is in one
    Judged: Needs an attestation if the subscription has services that can be in a perimeter: storage accounts, SQL
    servers, key vaults, Event Hubs and Service Bus namespaces, Cosmos DB accounts, search services, AI services and
    Log Analytics workspaces. Remarks count the services outside the perimeters of this subscription, and those whose
    association is not enforced. Perimeters in other subscriptions are not read.
    Why: Without a perimeter, an attacker can let a service send its data to services of other organizations.
    """
    services = {fold(one): one for one in resources_of(ctx, _CAPABLE)}
    if not services:
        return not_applicable("No service that can be in a network security perimeter")
    inside: set[str] = set()
    lenient: set[str] = set()
    for association in ctx.documents(PERIMETER_ASSOCIATIONS):
        service = fold(association.text("properties.privateLinkResource.id"))
        inside.add(service)
        if association.choice("properties.accessMode", _MODES) != "enforced":
            lenient.add(service)
    ctx.require_complete(PERIMETERS)
    outside = sorted(services[key] for key in services.keys() - inside)
    remarks = [f"Services outside the perimeters of this subscription: {len(outside):,}"] if outside else []
    open_inside = sorted(services[key] for key in services.keys() & lenient)
    remarks += [f"Services whose perimeter is not enforced: {len(open_inside):,}"] if open_inside else []
    return manual(
        "Attest that each service that needs a network security perimeter is in one",
        remarks=remarks,
        services=len(services),
        outsidePerimeters=outside,
        notEnforced=open_inside,
    )
