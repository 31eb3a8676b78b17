"""Compute when a notice is mailed: immediately, or with the person's next digest."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from portal.notify.kinds import DIGESTS, Delivery

DIGEST_AT: Final = time(7, 0)
MONDAY: Final = 0


def delivery_time(delivery: Delivery, now: datetime, timezone_name: str) -> datetime:
    """Return the time of mailing in UTC.

    Digests are mailed at 7:00 in the time zone `timezone_name`, and weekly digests on Mondays. The caller passes the
    time zone of the person or, if the person has chosen none, of the tenant.
    """
    if delivery not in DIGESTS:
        return now
    zone = ZoneInfo(timezone_name)
    local = now.astimezone(zone)
    day = local.date()
    if local.timetz().replace(tzinfo=None) >= DIGEST_AT:
        day += timedelta(days=1)
    if delivery == Delivery.WEEKLY:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    return datetime.combine(day, DIGEST_AT, tzinfo=zone).astimezone(UTC)
