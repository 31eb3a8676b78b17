"""Queries on the watch, which looks for changes in Azure between assessments. Pages, commands and workers use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from assessments.models import Schedule, Watch
from tenants.models import Directory, Organization, Subscription, Tenant

WATCHED_HOURS: Final = 24
DIRECTORY: Final = "directory:"
"""The beginning of the `Unit.scope_id` of a directory."""


@dataclass(frozen=True, slots=True)
class WatchSetting:
    """The settings that decide whether the watch runs for a customer. `own` is the customer's choice. If `own` is
    None, the choice of the organization, `default`, applies.
    """

    own: bool | None
    default: bool
    is_archived: bool

    @property
    def is_on(self) -> bool:
        """Whether the watch runs for the customer."""
        return not self.is_archived and (self.default if self.own is None else self.own)


@dataclass(frozen=True, slots=True)
class WatchedUnit:
    """A subscription or directory that the watch reads if the watch is on.

    The field `watch` is None until the watch reads the subscription or directory for the first time. `unit` is the
    `Unit.scope_id`.
    """

    name: str
    unit: str
    watch: Watch | None

    @property
    def is_directory(self) -> bool:
        """Whether this is a directory. The watch reads the audit log of a directory, and the activity log of a
        subscription.
        """
        return self.unit.startswith(DIRECTORY)

    def requests_in_last_day(self, now: datetime) -> int:
        """Return how many requests the watch sent in the current hour of the clock and in the 23 hours before this
        hour.
        """
        return sum(self.recent_hours(now).values())

    def requests_per_hour(self, now: datetime) -> float:
        """Return the mean number of requests per hour in the last 24 hours. Hours in which the watch sent no request do
        not count.
        """
        hours = self.recent_hours(now)
        return sum(hours.values()) / len(hours) if hours else 0.0

    def recent_hours(self, now: datetime) -> Mapping[str, int]:
        """Return {hour, such as `2026-11-27T23`: number of requests} for the current hour and the 23 hours before
        this hour.
        """
        hours: dict[str, int] = self.watch.hours if self.watch else {}
        return {hour: number for hour, number in hours.items() if hour >= first_hour(now)}


def hour_of(at: datetime) -> str:
    """Return the key in `Watch.hours` for a time, such as `2026-11-27T23` (UTC)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H}"


def first_hour(now: datetime) -> str:
    """Return the key in `Watch.hours` of the hour that began 23 hours before the current hour."""
    return hour_of(now - timedelta(hours=WATCHED_HOURS - 1))


def watch_setting(tenant: Tenant) -> WatchSetting:
    """Return the settings that decide whether the watch runs for a customer. Call this in a transaction that sees the
    tenant's rows (`tenants.scope`)."""
    own = Schedule.objects.filter(tenant=tenant).values_list("watch", flat=True).first()
    default = Organization.objects.filter(pk=tenant.organization_id).values_list(
        "watch_by_default", flat=True
    )
    return WatchSetting(own, default.first() or False, tenant.is_archived)


def watched_units(tenant: Tenant) -> list[WatchedUnit]:
    """Return the assessed subscriptions of a customer, ordered by name, and then its directories, ordered by name.
    Each subscription and directory has the state of its watch.
    """
    watches = {row.unit: row for row in Watch.objects.filter(tenant=tenant)}
    found = [WatchedUnit(name, unit, watches.get(unit)) for unit, name in names_of_watched(tenant.pk).items()]
    return sorted(found, key=lambda one: (one.is_directory, one.name.casefold(), one.unit))


def names_of_watched(tenant_id: UUID) -> dict[str, str]:
    """Return {`Unit.scope_id`: name} for the assessed subscriptions of a customer, and for its directories that have an
    enabled service principal.

    The watch does not read the directories of delegated subscriptions, so these directories are left out.
    """
    subscriptions = Subscription.objects.filter(Subscription.assessed(), tenant=tenant_id)
    directories = Directory.objects.filter(
        tenant=tenant_id, service_principals__isnull=False, service_principals__disabled_at=None
    ).distinct()
    return {
        f"/subscriptions/{guid}": name or guid
        for guid, name in subscriptions.values_list("subscription_id", "display_name")
    } | {f"{DIRECTORY}{guid}": name for guid, name in directories.values_list("directory_id", "name")}
