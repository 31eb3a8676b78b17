"""Update ticket rules and systems when a customer is erased."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.tickets.models import Ticket, TicketRule, TicketRuleCustomer, TicketSystem
from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization, Tenant

ERASED: Final = "[erased customer]"


def forget_customer(*, organization: Organization, tenant_id: UUID, by: Actor) -> None:
    """Turn off the ticket rules that apply only to this customer. Delete the reading positions (`TicketSystem.cursors`)
    of projects in which no other customer has tickets.

    If an erasure is interrupted, the function can be called again, even after the customer's rows are deleted. Call it
    in a transaction, in the scope of the organization.
    """
    others = Ticket.objects.filter(organization=organization).exclude(tenant=tenant_id)
    # Lock systems before rules, the order that `tenants.locks` prescribes.
    systems = TicketSystem.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    for system in systems.filter(organization=organization):
        used = set(others.filter(system=system).values_list("project", flat=True))
        kept = {project: cursor for project, cursor in system.cursors.items() if project in used}
        if kept != system.cursors:
            system.cursors, system.read_problem = kept, ""
            system.save(update_fields=["cursors", "read_problem"])
    _end_rules(organization, tenant_id, by)


def _day() -> str:
    """Return today (UTC) in words, such as “28 November 2026”."""
    today = timezone.now()
    return f"{today.day} {today:%B %Y}"


def _end_rules(organization: Organization, tenant_id: UUID, by: Actor) -> None:
    """Turn off the rules that apply only to the erased customer.

    A label that only the erased customer has may contain the customer's name. So `ERASED` replaces the label in every
    rule. The label is not removed, because a rule without labels applies to customers with any labels.
    """
    others = Tenant.objects.filter(organization=organization).exclude(pk=tenant_id)
    of_others = {label for labels in others.values_list("labels", flat=True) for label in labels}
    own = set(Tenant.objects.filter(pk=tenant_id).values_list("labels", flat=True).first() or [])
    chosen = TicketRuleCustomer.objects.filter(rule=OuterRef("pk")).exclude(tenant=tenant_id)
    rules = TicketRule.objects.select_for_update(of=("self",)).filter(organization=organization)
    for rule in rules.annotate(has_others=Exists(chosen)).order_by("pk"):
        lost = set(rule.labels) & own - of_others
        is_over = (rule.only_chosen and not rule.has_others) or (bool(lost) and set(rule.labels) == lost)
        if is_over and not rule.ended:
            rule.enabled = False
            rule.ended = f"The last customer to which this rule applied was erased on {_day()}."
            journal.record(
                organization=organization,
                actor=by,
                action="ticket_rule.ended",
                target=rule,
                details={"rule": str(rule.pk), "reason": rule.ended},
            )
        elif not lost:
            continue
        rule.labels = sorted({ERASED if label in lost else label for label in rule.labels})
        rule.save(update_fields=["labels", "enabled", "ended"])
