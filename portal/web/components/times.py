"""Write moments as HTML, in the person's time zone and format. The exact time in UTC is always included for
machines.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.web.components.formatting import format_duration
from tenants.values import time_display


def date_element(moment: datetime | None) -> SafeString:
    """Return the day, such as ``2027-03-01``, with the exact time in the tooltip. For None, return “none”."""
    if moment is None:
        return mark_safe('<span class="faint">none</span>')
    exact = moment.astimezone(UTC)
    return _element(exact, time_display.day(exact), title=time_display.second(exact))


def relative_element(moment: datetime | None) -> SafeString:
    """Return ``3 hours ago`` or ``in 5 days``, with the exact time in the tooltip. For None, return “never”."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    exact, now = moment.astimezone(UTC), datetime.now(UTC)
    duration = format_duration(exact, now)
    past = f"{duration} ago" if duration else "just now"
    future = f"in {duration or 'less than a minute'}"
    return _element(exact, future if exact > now else past, title=time_display.second(exact))


def exact_element(moment: datetime | None) -> SafeString:
    """Return the exact time to the second in UTC, as auditors cite it. For None, return “never”.

    The tooltip has the time in the person's time zone.
    """
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    exact = moment.astimezone(UTC)
    return _element(exact, f"{exact:%Y-%m-%d %H:%M:%S} UTC", title=time_display.second(exact))


def _element(exact: datetime, text: str, *, title: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', exact.isoformat(), title, text)
