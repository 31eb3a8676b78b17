"""Change for how long the data of a customer, or of all customers of an organization, is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal import links
from portal.notify.publish import Event, publish
from portal.retention.kinds import CUSTOMER_KINDS, KINDS, MAX_DAYS, Kind
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from portal.retention.selectors import DELAY, chosen_of, ending_hold, newest_rules, pending_rules
from portal.retention.task_names import ANNOUNCE
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import invalid
from tenants.models import Organization, Person, Tenant
from tenants.roles import ORGANIZATION_ROLES, Capability, Role, roles_with
from tenants.scope import organization_scope
from tenants.selectors import people_with_role
from tenants.values.stale_values import check_unchanged

KEEP = "keep"
DEFAULT = "default"
_RETAINING_ROLES = roles_with(Capability.RETAIN)
_RETAINING_IN_ORGANIZATION = tuple(role for role in _RETAINING_ROLES if role in ORGANIZATION_ROLES)

type Choice = int | str
"""The choice of a period: a number of days, “keep” (without limit) or “default”."""


def normalized(kind: Kind, value: Choice) -> str:
    """Return the chosen period of a kind as text: a number of days, “keep” or “default”.

    Raise InvalidInput for any other word, and for a number of days that the kind does not permit.
    """
    text = str(value).strip().lower()
    if text in (KEEP, DEFAULT):
        return text
    if not (text.isascii() and text.isdigit()) or not kind.minimum <= int(text[:9]) <= MAX_DAYS:
        raise invalid(
            kind.key,
            f"{kind.label}: enter a whole number of days from {kind.minimum} to {MAX_DAYS}, “keep” or “default”.",
            code="days",
        )
    return str(int(text))


@transaction.atomic
def set_periods(
    *,
    tenant: Tenant,
    by: Actor,
    wanted: Mapping[str, Choice],
    expected: Mapping[str, str] | None = None,
) -> list[RetentionRule]:
    """Change a customer's retention periods. Return the new decisions, one for each kind whose choice has changed.

    `wanted` is {kind: choice}. Longer periods take effect at once. Shorter periods take effect after seven days, and
    administrators are notified. `expected` has the choices that the person saw. Raise Conflict if another person has
    changed one of these choices since then.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    newest = newest_rules(RetentionRule.objects.filter(tenant=tenant))
    before = {key: row.text for (_, key), row in newest.items()}
    changed = _changes(wanted, before, expected, {kind.key for kind in CUSTOMER_KINDS})
    rules = []
    for key, text in changed.items():
        rule = RetentionRule.objects.create(tenant=tenant, kind=key, **_columns(text, by))
        rule.refresh_from_db()
        rules.append(rule)
    if rules:
        journal.record(
            tenant=tenant,
            actor=by,
            action="retention.changed",
            target=tenant,
            details=_details(rules, before),
        )
        enqueue(ANNOUNCE, tenant.pk)
    return rules


@transaction.atomic
def set_organization_periods(
    *,
    organization: Organization,
    by: Actor,
    wanted: Mapping[str, Choice],
    expected: Mapping[str, str] | None = None,
) -> list[OrganizationRetentionRule]:
    """Change the default periods of the organization's customers, and the periods that only the organization sets.

    The arguments and the result are as for `set_periods`. Call in the organization's scope (`tenants.scope`).
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    newest = newest_rules(OrganizationRetentionRule.objects.filter(organization=organization))
    before = {key: row.text for (_, key), row in newest.items()}
    rules = []
    for key, text in _changes(wanted, before, expected, set(KINDS)).items():
        rule = OrganizationRetentionRule.objects.create(
            organization=organization, kind=key, **_columns(text, by)
        )
        rule.refresh_from_db()
        rules.append(rule)
    if rules:
        journal.record(
            organization=organization,
            actor=by,
            action="retention.changed",
            target=organization,
            details=_details(rules, before),
        )
        if any(rule.effective_at > timezone.now() for rule in rules):
            for tenant_id in Tenant.objects.filter(organization=organization).values_list("pk", flat=True):
                enqueue(ANNOUNCE, tenant_id)
    return rules


def announce_pending(*, tenant: Tenant) -> int:
    """Notify administrators that a period of the customer will become shorter, or that its legal hold was lifted.

    Return the number of new notices. Each decision is announced only once. The notices go to the administrators of the
    customer and of the organization. If the organization has shortened a default, they go only to the administrators
    of the customer, because `announce_defaults` notifies the administrators of the organization.
    """
    new = _announce_ending_hold(tenant)
    for rule in pending_rules(tenant):
        is_default = isinstance(rule, OrganizationRetentionRule)
        roles = [Role.TENANT_ADMINISTRATOR] if is_default else _RETAINING_ROLES
        new += _announce(tenant, rule, people_with_role(tenant, roles))
    return new


def announce_defaults(*, organization_id: UUID) -> int:
    """Notify an organization's administrators of each default that will become shorter. Return the number of new
    notices.

    A notice must belong to a customer. So each notice belongs to one of the customers to which the default applies, if
    possible to a customer that is not archived.
    """
    new = 0
    with organization_scope(organization_id):
        rules = newest_rules(OrganizationRetentionRule.objects.filter(organization=organization_id)).values()
        pending = [rule for rule in rules if rule.kind in KINDS and rule.effective_at > timezone.now()]
        rows = Tenant.objects.filter(organization=organization_id).select_related("organization")
        tenants = list(rows.order_by(F("archived_at").asc(nulls_first=True), "pk")) if pending else []
        chosen = chosen_of([tenant.pk for tenant in tenants])
        for rule in pending:
            applies_to = (tenant for tenant in tenants if rule.kind not in chosen.get(tenant.pk, {}))
            if (tenant := next(applies_to, None)) is not None:
                new += _announce(tenant, rule, people_with_role(tenant, _RETAINING_IN_ORGANIZATION))
    return new


def _announce(
    tenant: Tenant, rule: RetentionRule | OrganizationRetentionRule, people: Iterable[Person]
) -> int:
    kind = KINDS[rule.kind]
    who = str(rule.decided_by) if rule.decided_by else "The operator"
    is_default = isinstance(rule, OrganizationRetentionRule)
    whose = "customers without a policy of their own" if is_default else tenant.name
    after = f"after {rule.days} days" if rule.mode == rule.Mode.DAYS else "after the default period"
    return publish(
        tenant=tenant,
        event=Event(
            kind="retention_shortened",
            key=f"retention:{rule.pk}",
            title=f"From {rule.effective_at:%Y-%m-%d} on, {kind.label.lower()} of {whose} will be deleted {after}",
            lines=(
                f"{who} decided this on {rule.decided_at:%Y-%m-%d %H:%M} UTC.",
                (
                    "To prevent the deletion, enter a longer period or place a legal hold before"
                    f" {rule.effective_at:%Y-%m-%d %H:%M} UTC."
                ),
            ),
            path=links.retention(tenant.slug),
            data={"data": rule.kind, "days": rule.days, "effective_at": rule.effective_at.isoformat()},
            standing=True,
        ),
        subscribers=people,
    )


def _announce_ending_hold(tenant: Tenant) -> int:
    hold = ending_hold(tenant)
    if hold is None or hold.lifted_at is None:
        return 0
    who = str(hold.lifted_by) if hold.lifted_by else "The operator"
    ends = hold.lifted_at + DELAY
    return publish(
        tenant=tenant,
        event=Event(
            kind="retention_shortened",
            key=f"hold:{hold.pk}",
            title=f"The legal hold of {tenant.name} ends on {ends:%Y-%m-%d}",
            lines=(
                f"{who} lifted it on {hold.lifted_at:%Y-%m-%d %H:%M} UTC: {hold.lift_reason}",
                (
                    "From that day on, Surety deletes old data of the customer again. To prevent the deletion, place"
                    " another legal hold before that day."
                ),
            ),
            path=links.retention(tenant.slug),
            data={"data": "hold", "effective_at": ends.isoformat()},
            standing=True,
        ),
        subscribers=people_with_role(tenant, _RETAINING_ROLES),
    )


def _changes(
    wanted: Mapping[str, Choice],
    before: Mapping[str, str],
    expected: Mapping[str, str] | None,
    allowed: set[str],
) -> dict[str, str]:
    found = {}
    for key, value in wanted.items():
        if key not in allowed:
            raise invalid(
                "kind",
                f"There is no retention period with the name “{key[:40]}”. Use one of: {', '.join(sorted(allowed))}.",
                code="kind",
            )
        text, present = normalized(KINDS[key], value), before.get(key, DEFAULT)
        if expected is not None:
            check_unchanged({key: expected.get(key, DEFAULT)}, {key: present}, {key: text})
        if text != present:
            found[key] = text
    return found


def _columns(text: str, by: Actor) -> dict[str, Any]:
    # A trigger replaces `decided_at` and `effective_at` with the real times. The values here only fill the columns.
    now = timezone.now()
    is_days = text not in (KEEP, DEFAULT)
    return {
        "mode": "days" if is_days else text,
        "days": int(text) if is_days else None,
        "decided_by": by if isinstance(by, Person) else None,
        "decided_at": now,
        "effective_at": now,
    }


def _details(
    rules: list[RetentionRule] | list[OrganizationRetentionRule], before: Mapping[str, str]
) -> dict[str, Any]:
    return {
        rule.kind: {
            "before": before.get(rule.kind, DEFAULT),
            "after": rule.text,
            "effective_at": rule.effective_at.isoformat(),
        }
        for rule in rules
    }
