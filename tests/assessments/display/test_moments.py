"""Times that Azure sends, in the time zone of a customer."""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from assessments.display.observed import describe
from tests.for_each import for_each

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")


@for_each(
    ("value", "zone", "shown"),
    [
        ("2027-03-31T22:30:00Z", BERLIN, "2027-04-01 00:30 Europe/Berlin"),
        ("9999-12-31T23:59:59Z", NEW_YORK, "9999-12-31 18:59 America/New_York"),
        ("9999-12-31T23:59:59Z", BERLIN, "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00Z", NEW_YORK, "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", UTC, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_times_at_the_ends_of_the_calendar_are_shown_as_azure_sent_them(
    value: str, zone: tzinfo, shown: str
) -> None:
    """Azure sends 0001-01-01 and 9999-12-31 for “never”. In some time zones, such a time is outside of the years 1 to
    9999.
    """
    (line,) = describe({"key1": value}, zone=zone)
    assert str(line.text) == shown
