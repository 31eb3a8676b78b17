"""Read the retention policy in effect, decisions that take effect later, and legal holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from portal.retention.kinds import DELAY_DAYS, KINDS, Kind
from portal.retention.models import LegalHold, OrganizationRetentionRule, RetentionRule
from tenants.errors import Conflict
from tenants.models import Organization, Tenant

DELAY: Final = timedelta(days=DELAY_DAYS)


@dataclass(frozen=True, slots=True)
class Period:
    """The retention period of one kind of data.

    `days` is the period in effect now; None means without limit. `chosen` is the latest decision: a number of days,
    “keep” or “default”. `pending` is the latest decision if it is not in effect yet.
    """

    kind: Kind
    days: int | None
    chosen: str
    pending: RetentionRule | OrganizationRetentionRule | None = None


def days_in_effect(tenant_id: UUID, kinds: Iterable[str]) -> dict[str, int | None]:
    """Return {kind: days in effect for a customer now}, as the database enforces them. None means without limit.

    Call in the customer's scope (`tenants.scope`).
    """
    return _days("retention_days", tenant_id, kinds)


def organization_days(organization_id: UUID, kinds: Iterable[str]) -> dict[str, int | None]:
    """Return {kind: days}: the default periods of the organization's customers that are in effect now."""
    return _days("retention_organization_days", organization_id, kinds)


def _days(function: str, owner: UUID, kinds: Iterable[str]) -> dict[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, {function}(%s, kind, clock_timestamp()) FROM unnest(%s::text[]) AS kind",  # noqa: S608
            [owner, list(kinds)],
        )
        return dict(cursor.fetchall())


def periods(tenant: Tenant, kinds: Sequence[Kind]) -> list[Period]:
    days = days_in_effect(tenant.pk, (kind.key for kind in kinds))
    newest = newest_rules(RetentionRule.objects.filter(tenant=tenant))
    return [_period(kind, days[kind.key], newest.get((tenant.pk, kind.key))) for kind in kinds]


def organization_periods(organization: Organization, kinds: Sequence[Kind]) -> list[Period]:
    """Return the default retention periods of an organization's customers.

    Call in the organization's scope (`tenants.scope`).
    """
    days = organization_days(organization.pk, (kind.key for kind in kinds))
    newest = newest_rules(OrganizationRetentionRule.objects.filter(organization=organization))
    return [_period(kind, days[kind.key], newest.get((organization.pk, kind.key))) for kind in kinds]


def newest_rules(rows: Any) -> dict[tuple[UUID, str], Any]:
    """Return {(id of the customer or organization, kind): the latest decision}."""
    found = {}
    for row in rows.select_related("decided_by").order_by("decided_at"):
        owner = row.tenant_id if isinstance(row, RetentionRule) else row.organization_id
        found[owner, row.kind] = row
    return found


def _period(kind: Kind, days: int | None, newest: RetentionRule | OrganizationRetentionRule | None) -> Period:
    pending = newest if newest is not None and newest.effective_at > timezone.now() else None
    return Period(kind, days, newest.text if newest else "default", pending)


def chosen_of(tenant_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Return {tenant id: {kind: the latest decision as text}}. Kinds whose latest decision is “default” are
    left out.
    """
    found: dict[UUID, dict[str, str]] = {}
    for (owner, kind), row in newest_rules(
        RetentionRule.objects.filter(tenant_id__any_of=tenant_ids)
    ).items():
        if kind in KINDS and row.text != "default":
            found.setdefault(owner, {})[kind] = row.text
    return found


def organization_chosen(organization: Organization) -> dict[str, str]:
    """Return {kind: the organization's latest decision as text}. Kinds whose latest decision is “default” are
    left out.
    """
    rows = newest_rules(OrganizationRetentionRule.objects.filter(organization=organization))
    return {kind: row.text for (_, kind), row in rows.items() if kind in KINDS and row.text != "default"}


def default_days(tenant: Tenant) -> dict[str, int | None]:
    """Return {kind: days}: the periods that apply now to a customer whose decision is “default”.

    Call in the customer's scope (`tenants.scope`).
    """
    return organization_days(tenant.organization_id, KINDS)


def holds_of(tenant_ids: Sequence[UUID]) -> dict[UUID, LegalHold]:
    """Return {tenant id: the hold that protects the customer's data now}."""
    ended = timezone.now() - DELAY
    rows = LegalHold.objects.filter(
        Q(lifted_at__isnull=True) | Q(lifted_at__gt=ended), tenant_id__any_of=tenant_ids
    )
    return {row.tenant_id: row for row in rows.order_by("lifted_at")}


def hold_of(tenant: Tenant, now: datetime | None = None) -> LegalHold | None:
    """Return the hold that protects the customer's data now. A lifted hold still protects the data for `DELAY`."""
    rows = LegalHold.objects.filter(_protecting(now), tenant=tenant)
    return rows.select_related("placed_by", "lifted_by").order_by("lifted_at").last() or None


def refuse_on_hold(tenant: Tenant) -> None:
    """Raise Conflict if a hold protects the customer's data now. Call this function before a person's action deletes or
    overwrites such data.
    """
    if hold_of(tenant) is not None:
        raise Conflict(
            f"{tenant.name} is on legal hold, so comments cannot be changed or deleted, and imported scans cannot be"
            f" deleted. A legal hold ends {DELAY_DAYS} days after an administrator lifts it.",
            code="on_hold",
        )


def held_among(tenant_ids: Iterable[UUID]) -> set[UUID]:
    """Return the ids of customers whose data a hold protects now. A lifted hold still protects data for `DELAY`."""
    return set(
        LegalHold.objects.filter(_protecting(), tenant__in=tenant_ids).values_list("tenant", flat=True)
    )


def _protecting(now: datetime | None = None) -> Q:
    return Q(lifted_at__isnull=True) | Q(lifted_at__gt=(now or timezone.now()) - DELAY)


def ending_hold(tenant: Tenant) -> LegalHold | None:
    """Return the lifted hold that still protects the customer's data, or None if no such hold exists."""
    hold = hold_of(tenant)
    return hold if hold is not None and hold.lifted_at is not None else None


def pending_rules(tenant: Tenant) -> list[RetentionRule | OrganizationRetentionRule]:
    """Return the decisions that will shorten a period of this customer. Call in the customer's scope."""
    now = timezone.now()
    own = newest_rules(RetentionRule.objects.filter(tenant=tenant))
    # In a customer's scope, row-level security permits reading the organization's defaults, but the manager `objects`
    # leaves them out. So use `_base_manager`.
    defaults = newest_rules(
        OrganizationRetentionRule._base_manager.filter(organization=tenant.organization_id)
    )
    found: list[RetentionRule | OrganizationRetentionRule] = []
    for key in KINDS:
        rule = own.get((tenant.pk, key))
        if rule is not None and rule.mode != RetentionRule.Mode.DEFAULT:
            found.append(rule)
        elif (default := defaults.get((tenant.organization_id, key))) is not None:
            found.append(default)
        if rule is not None and rule.mode == RetentionRule.Mode.DEFAULT:
            found.append(rule)
    return [rule for rule in found if rule.effective_at > now]
