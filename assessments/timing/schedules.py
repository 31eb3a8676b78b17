"""Queries on schedules of assessments, for pages, commands and the periodic task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Q, QuerySet

from assessments.models import Assessment, Schedule
from assessments.timing.timetable import Timetable, parse
from tenants.models import Organization, ServicePrincipal, Subscription, Tenant

# The values of `Planned.choice` for a tenant that has no timetable of its own.
OFF: Final = "off"
DEFAULT: Final = "default"

_REFUSED: Final = Q(refused_since__isnull=False)


@dataclass(frozen=True, slots=True)
class Planned:
    """The schedule of a tenant's assessments, with the data that pages show about the schedule.

    - `choice`: OFF, DEFAULT or a timetable as text
    - `timetable`: None if no assessments are scheduled
    - `next_at`: None if no assessments are scheduled, or if the schedule is paused
    - `refused`: the enabled service principals if Entra refused all of them, which pauses the schedule; otherwise
      empty
    """

    tenant: Tenant
    choice: str
    timetable: Timetable | None
    zone: ZoneInfo
    next_at: datetime | None
    refused: tuple[ServicePrincipal, ...]
    row: Schedule | None

    @property
    def is_paused(self) -> bool:
        return self.timetable is not None and bool(self.refused)

    @property
    def label(self) -> str:
        """The schedule in words, for people."""
        if self.tenant.is_archived:
            return "No assessments, because the customer is archived"
        return self.timetable.label if self.timetable else "No scheduled assessments"

    @property
    def minutes_after(self) -> int:
        """The delay, in minutes, between each local time of the timetable and the start of the tenant's assessments."""
        return int(self.timetable.delay(self.tenant.pk).total_seconds() // 60) if self.timetable else 0


def missed_are_replaced(row: Schedule) -> bool:
    """Return whether a scheduled assessment has started since Surety noticed that assessments had been missed."""
    if row.missed_at is None:
        return False
    # One transaction sets `missed_at` and then creates the assessment. So the assessment's time of creation is not
    # before `missed_at`.
    started = Assessment.objects.filter(tenant=row.tenant_id, trigger=Assessment.Trigger.SCHEDULE)
    return started.filter(created_at__gte=row.missed_at).exists()


def planned(tenant: Tenant, now: datetime) -> Planned:
    """Return the schedule of a tenant, as pages show it at the time `now`."""
    (found,) = planned_all([tenant], default_rule(tenant), now)
    return found


def planned_all(tenants: Sequence[Tenant], default: str, now: datetime) -> list[Planned]:
    """Return the schedules of tenants of one organization, in the order of `tenants`. The number of queries does not
    grow with the number of tenants. `default` is the organization's timetable.
    """
    ids = [tenant.pk for tenant in tenants]
    rows = {row.tenant_id: row for row in Schedule.objects.filter(tenant__any_of=ids)}
    refused = _all_refused(ids)
    return [
        _planned(tenant, rows.get(tenant.pk), default, refused.get(tenant.pk, ()), now) for tenant in tenants
    ]


def default_rule(tenant: Tenant) -> str:
    """Return the default timetable of the tenant's organization as text. If there is no default timetable, return an
    empty text.
    """
    rows = Organization.objects.filter(pk=tenant.organization_id).values_list("default_schedule", flat=True)
    return rows.first() or ""


def zone_of(place: Tenant | Organization) -> ZoneInfo:
    """Return the time zone of a tenant or organization. If the installed list of time zones lacks this zone, return
    UTC.
    """
    try:
        return ZoneInfo(place.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def refused_principals(tenant_id: UUID) -> QuerySet[ServicePrincipal]:
    """Return the tenant's enabled principals whose latest sign-in Entra refused."""
    return ServicePrincipal.objects.filter(_REFUSED, tenant=tenant_id, disabled_at=None)


def are_all_refused(tenant_id: UUID) -> bool:
    """Return whether principals of the tenant are enabled, and Entra refused the latest sign-in of each of them.

    Return False if the organization's own service principal reads a subscription of the tenant, because assessments can
    then start.
    """
    others = ServicePrincipal.objects.filter(tenant=tenant_id, disabled_at=None).exclude(_REFUSED)
    if not refused_principals(tenant_id).exists() or others.exists():
        return False
    return not Subscription.objects.filter(
        Subscription.assessed(), tenant=tenant_id, is_delegated=True
    ).exists()


def _all_refused(ids: Sequence[UUID]) -> dict[UUID, tuple[ServicePrincipal, ...]]:
    """Return {tenant id: the tenant's enabled principals} for the tenants for which `are_all_refused` is true."""
    enabled = ServicePrincipal.objects.filter(disabled_at=None)
    bad = list(enabled.filter(_REFUSED, tenant__any_of=ids).defer("credential"))
    if not bad:
        return {}
    suspects = {row.tenant_id for row in bad}
    good = set(enabled.filter(tenant__any_of=suspects).exclude(_REFUSED).values_list("tenant_id", flat=True))
    delegated = Subscription.objects.filter(
        Subscription.assessed(), tenant__any_of=suspects, is_delegated=True
    )
    good |= set(delegated.values_list("tenant_id", flat=True))
    return {
        tenant: tuple(row for row in bad if row.tenant_id == tenant)
        for tenant in suspects
        if tenant not in good
    }


def _planned(
    tenant: Tenant,
    row: Schedule | None,
    default: str,
    refused: tuple[ServicePrincipal, ...],
    now: datetime,
) -> Planned:
    enabled = row is None or row.enabled
    own = row.rule if row is not None else ""
    choice = (own or DEFAULT) if enabled else OFF
    rule = (own or default) if enabled and not tenant.is_archived else ""
    table, zone = (parse(rule) if rule else None), zone_of(tenant)
    next_at = table.next_start(now, zone, tenant.pk) if table and not refused else None
    return Planned(tenant, choice, table, zone, next_at, refused, row)
