"""Hand over a person's findings, owner rules and campaigns to another person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Count, QuerySet

from assessments.models import Finding
from portal.treatment.actions.campaigns import hand_over_campaign
from portal.treatment.actions.owners.assign import assign, require_eligible
from portal.treatment.actions.owners.rules import change_rule
from portal.treatment.models import CampaignCustomer, OwnerRule
from portal.treatment.states import TREATABLE
from tenants.errors import invalid
from tenants.models import Person, Tenant

KIND: Final = "assign"


@dataclass(frozen=True, slots=True)
class Owned:
    """The numbers of failing and manual findings, of owner rules and of campaigns that a person owns at one customer.

    Passing findings and findings whose verdict is unknown do not count, and are not handed over.
    """

    tenant: Tenant
    findings: int
    rules: int
    campaigns: int


def owned_by(person: Person, tenants: Iterable[Tenant], *, campaigns: bool) -> list[Owned]:
    """Return how many findings (see `Owned`), owner rules and campaigns the person owns at each customer. Sends at most
    three queries.

    Customers at which the person owns nothing are left out. Campaigns are counted only if `campaigns` is true, because
    only members of the organization may hand campaigns over.
    """
    tenants = list(tenants)
    ids = [tenant.pk for tenant in tenants]
    findings = _count(Finding.objects.filter(tenant__in=ids, state__in=TREATABLE, treatment__owner=person))
    rules = _count(OwnerRule.objects.filter(tenant__in=ids, owner=person))
    led = (
        {}
        if not campaigns
        else _count(CampaignCustomer.objects.filter(tenant__in=ids, owner=person, is_running=True))
    )
    found = [
        Owned(tenant, findings.get(tenant.pk, 0), rules.get(tenant.pk, 0), led.get(tenant.pk, 0))
        for tenant in tenants
    ]
    return [one for one in found if one.findings or one.rules or one.campaigns]


@transaction.atomic
def hand_over(
    *, by: Person, person: Person, to: Person, tenants: Iterable[Tenant], campaigns: bool
) -> list[Owned]:
    """Make `to` the owner of everything that `owned_by` counts for `person`. Return the numbers by customer.

    If `to` may not own one of the findings, rules or campaigns, nothing changes, and InvalidInput is raised.
    """
    if person.pk == to.pk:
        raise invalid("to", "Choose another person.")
    owned = owned_by(person, tenants, campaigns=campaigns)
    for one in owned:
        if one.findings or one.rules:
            require_eligible(one.tenant, to)
        if one.findings:
            findings = Finding.objects.filter(tenant=one.tenant, state__in=TREATABLE, treatment__owner=person)
            assign(tenant=one.tenant, findings=findings, owner=to, by=by, kind=KIND)
        for rule in OwnerRule.objects.filter(tenant=one.tenant, owner=person).order_by("position"):
            change_rule(rule=rule, by=by, owner=to)
    led = CampaignCustomer.objects.filter(
        tenant__in=[one.tenant.pk for one in owned if one.campaigns], owner=person, is_running=True
    ).select_related("campaign", "campaign__organization")
    # A campaign has one owner for all its customers, so hand over each campaign only once.
    for campaign in {row.campaign_id: row.campaign for row in led}.values():
        hand_over_campaign(campaign=campaign, by=by, to=to)
    return owned


def _count(rows: QuerySet[Finding] | QuerySet[OwnerRule] | QuerySet[CampaignCustomer]) -> dict[object, int]:
    found = rows.order_by().values_list("tenant_id").annotate(number=Count("pk"))
    return dict(found)
