"""Queries about the watch, which looks for changes in Azure between assessments, for pages, commands and workers."""

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
    """Whether a customer is watched. `own` is the customer's choice. If it is None, the organization's choice
    applies, which is `default`.
    """

    own: bool | None
    default: bool
    is_archived: bool

    @property
    def is_on(self) -> bool:
        """Whether the watch runs."""
        return not self.is_archived and (self.default if self.own is None else self.own)


@dataclass(frozen=True, slots=True)
class WatchedUnit:
    """A subscription or directory that assessments cover.

    `watch` is None before the watch has read it for the first time. `unit` is the `Unit.scope_id`.
    """

    name: str
    unit: str
    watch: Watch | None

    @property
    def is_directory(self) -> bool:
        """Whether the watch reads the audit log of a directory."""
        return self.unit.startswith(DIRECTORY)

    def requests_in_last_day(self, now: datetime) -> int:
        """Return the number of requests in the last 24 hours, the running hour included."""
        return sum(self.recent_hours(now).values())

    def requests_per_hour(self, now: datetime) -> float:
        """Return the mean number of requests per hour, over the hours of the last day in which the watch ran."""
        hours = self.recent_hours(now)
        return sum(hours.values()) / len(hours) if hours else 0.0

    def recent_hours(self, now: datetime) -> Mapping[str, int]:
        """Return {hour: requests} of the last day."""
        hours: dict[str, int] = self.watch.hours if self.watch else {}
        return {hour: number for hour, number in hours.items() if hour >= first_hour(now)}


def hour_of(at: datetime) -> str:
    """Return the key of `Watch.hours` for a time."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H}"


def first_hour(now: datetime) -> str:
    """Return the key of the first hour that the watch still counts."""
    return hour_of(now - timedelta(hours=WATCHED_HOURS - 1))


def watch_setting(tenant: Tenant) -> WatchSetting:
    """Return whether the customer is watched. Needs a transaction with the tenant's scope."""
    own = Schedule.objects.filter(tenant=tenant).values_list("watch", flat=True).first()
    default = Organization.objects.filter(pk=tenant.organization_id).values_list(
        "watch_by_default", flat=True
    )
    return WatchSetting(own, default.first() or False, tenant.is_archived)


def watched_units(tenant: Tenant) -> list[WatchedUnit]:
    """Return the subscriptions that assessments cover, by name, and then the directories, with their watches."""
    watches = {row.unit: row for row in Watch.objects.filter(tenant=tenant)}
    found = [WatchedUnit(name, unit, watches.get(unit)) for unit, name in names_of_watched(tenant.pk).items()]
    return sorted(found, key=lambda one: (one.is_directory, one.name.casefold(), one.unit))


def names_of_watched(tenant_id: UUID) -> dict[str, str]:
    """Return {`Unit.scope_id`: name} of the subscriptions that assessments cover, and of the directories in which a
    service principal can sign in.

    The directories of delegated subscriptions are not included, because Surety does not read them.
    """
    subscriptions = Subscription.objects.filter(Subscription.assessed(), tenant=tenant_id)
    directories = Directory.objects.filter(
        tenant=tenant_id, service_principals__isnull=False, service_principals__disabled_at=None
    ).distinct()
    return {
        f"/subscriptions/{guid}": name or guid
        for guid, name in subscriptions.values_list("subscription_id", "display_name")
    } | {f"{DIRECTORY}{guid}": name for guid, name in directories.values_list("directory_id", "name")}
