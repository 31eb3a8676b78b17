"""Queries of pages, commands and workers about the watch between assessments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from assessments.models import Schedule, Watch
from tenants.models import Organization, Subscription, Tenant

WATCHED_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class WatchSetting:
    """Whether a customer is watched. `own` is the customer's choice; None follows `default`, the organization's."""

    own: bool | None
    default: bool
    is_archived: bool

    @property
    def is_on(self) -> bool:
        """Whether the watch runs."""
        return not self.is_archived and (self.default if self.own is None else self.own)


@dataclass(frozen=True, slots=True)
class WatchedSubscription:
    """A subscription that assessments cover, and its watch; None before the first turn."""

    name: str
    unit: str
    watch: Watch | None

    def requests_in_last_day(self, now: datetime) -> int:
        """Return the number of requests in the last 24 hours, the running hour included."""
        return sum(self.recent_hours(now).values())

    def requests_per_hour(self, now: datetime) -> float:
        """Return the mean over the hours of the last day in which the watch ran."""
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
    """Return whether the customer is watched. Needs the tenant's scope."""
    own = Schedule.objects.filter(tenant=tenant).values_list("watch", flat=True).first()
    default = Organization.objects.filter(pk=tenant.organization_id).values_list(
        "watch_by_default", flat=True
    )
    return WatchSetting(own, default.first() or False, tenant.is_archived)


def watched_subscriptions(tenant: Tenant) -> list[WatchedSubscription]:
    """Return the subscriptions that assessments cover, by name, with their watches."""
    rows = Subscription.objects.filter(Subscription.assessed(), tenant=tenant)
    names = dict(rows.values_list("subscription_id", "display_name"))
    watches = {row.unit: row for row in Watch.objects.filter(tenant=tenant)}
    found = [
        WatchedSubscription(name or guid, f"/subscriptions/{guid}", watches.get(f"/subscriptions/{guid}"))
        for guid, name in names.items()
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.unit))
