"""Add, change and delete the rules that open tickets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from django.db import transaction

from assessments.controls.registry import known_controls
from assessments.models import Finding
from portal.tickets.actions.records import record
from portal.tickets.models import TicketRule, TicketRuleCustomer, TicketSystem
from portal.tickets.task_names import PLAN
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, invalid
from tenants.models import Organization, Tenant
from tenants.turns import take_turn
from tenants.values.names import require_letter_or_digit
from tenants.values.stale_values import Part, check_unchanged
from tenants.values.unique_names import unique_name

MAX_RULES: Final = 100
MAX_LABELS: Final = 20


@transaction.atomic
def save_rule(
    *,
    organization: Organization,
    by: Actor,
    rule: TicketRule | None,
    customers: Sequence[Tenant] | None,
    expected: Part | None = None,
    **given: Any,
) -> TicketRule:
    """Add or change a rule. `given` are the arguments of `check_rule`.

    `customers` are the customers to which the rule applies, at least one; None means all. Tickets that the rule has
    already opened do not change. `expected` are the values that the person saw (`rule_part`).

    Raises InvalidInput with the field if a value is invalid. Raises Conflict if the name is taken or there are too many
    rules, or if somebody else has changed the rule.
    """
    take_turn(organization)
    row = TicketRule(organization=organization) if rule is None else _locked(rule)
    before = None if rule is None else described(row)
    present = None if rule is None else rule_part(row)
    check_rule(row, **given)
    if present is not None:
        check_unchanged(expected, present, _part(row, customers))
    if customers is not None and not customers:
        raise invalid("customers", "Choose at least one customer, or all customers.")
    row.only_chosen, row.ended = customers is not None, ""
    if rule is None and TicketRule.objects.filter(organization=organization).count() >= MAX_RULES:
        raise Conflict(
            f"An organization can have at most {MAX_RULES} ticket rules. Combine some rules, or delete some."
        )
    with unique_name("tickets_ticketrule_name", "rule"):
        row.save(force_insert=rule is None)
    TicketRuleCustomer.objects.filter(rule=row).exclude(tenant__in=customers or []).delete()
    TicketRuleCustomer.objects.bulk_create(
        [TicketRuleCustomer(tenant=one, organization=organization, rule=row) for one in customers or []],
        ignore_conflicts=True,
    )
    after = described(row)
    if rule is None:
        record(row, by, "ticket_rule.created", **after)
    elif after != before:
        record(row, by, "ticket_rule.changed", before=before, after=after)
    for tenant_id in Tenant.objects.filter(organization=organization, archived_at=None).values_list(
        "pk", flat=True
    ):
        enqueue(PLAN, tenant_id)
    return row


@transaction.atomic
def delete_rule(*, rule: TicketRule, by: Actor) -> None:
    """Delete a rule. Tickets that the rule opened remain, and are still closed and reopened when their findings
    change.
    """
    row = _locked(rule)
    record(row, by, "ticket_rule.deleted", **described(row))
    row.delete()


def check_rule(
    row: TicketRule,
    *,
    system: TicketSystem,
    name: str,
    per: str,
    severities: Collection[str] = (),
    controls: Collection[str] = (),
    labels: Collection[str] = (),
    enabled: bool = True,
) -> TicketRule:
    """Set the fields of a rule to the given values and check them, before the rule is saved or previewed.

    Raises InvalidInput with the field if a value is invalid.
    """
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 120 or not cleaned.isprintable():
        raise invalid("name", "Enter a name of 1 to 120 characters.")
    require_letter_or_digit(cleaned, present=row.name)
    if per not in TicketRule.Per.values:
        raise invalid("per", "Choose one ticket for each control, or one ticket for each finding.")
    if unknown := sorted(set(severities) - set(Finding.Severity.values)):
        raise invalid(
            "severities", f"There is no severity “{unknown[0][:20]}”. Choose a severity from the list."
        )
    if unknown := sorted(set(controls) - set(known_controls())):
        raise invalid("controls", f"There is no control “{unknown[0][:80]}”. Choose a control from the list.")
    if len(labels) > MAX_LABELS or any(not label or len(label) > 60 for label in labels):
        raise invalid("labels", f"Use at most {MAX_LABELS} labels, each with at most 60 characters.")
    row.system, row.name, row.per, row.enabled = system, cleaned, per, enabled
    row.severities = [one for one in Finding.Severity.values if one in severities]
    row.controls = sorted(set(controls))
    row.labels = sorted(set(labels))
    return row


def described(row: TicketRule) -> dict[str, Any]:
    """Return the values of a rule for the journal. The entry has ids of customers instead of names, because an erasure
    finds customers in the journal by id.
    """
    found: dict[str, Any] = {
        "name": row.name,
        "system": row.system.name,
        "per": str(row.per),
        "severities": [str(one) for one in row.severities],
        "controls": row.controls,
        "labels": row.labels,
        "enabled": row.enabled,
    }
    if row.only_chosen:
        customers = TicketRuleCustomer.objects.filter(rule=row).order_by("tenant")
        found["customers"] = [str(tenant_id) for tenant_id in customers.values_list("tenant_id", flat=True)]
    return found


def rule_part(row: TicketRule) -> Part:
    """Return the stored values of a rule, by the names of the fields of its form."""
    return _part(
        row, list(Tenant.objects.filter(pk__in=row.customers.values("tenant"))) if row.only_chosen else None
    )


def _part(row: TicketRule, customers: Sequence[Tenant] | None) -> Part:
    return {
        "name": row.name,
        "system": str(row.system_id),
        "per": str(row.per),
        "severities": [str(one) for one in row.severities],
        "controls": list(row.controls),
        "labels": list(row.labels),
        "applies_to": "all" if customers is None else "chosen",
        "customers": sorted(str(one.pk) for one in customers or ()),
        "enabled": row.enabled,
    }


def _locked(rule: TicketRule) -> TicketRule:
    rows = TicketRule.objects.select_for_update(of=("self",)).select_related("organization", "system")
    row = rows.filter(pk=rule.pk).first()
    if row is None:
        raise Conflict("Somebody else has deleted this rule. Open the list of ticket rules.", code="removed")
    return row
