"""A resource change counts as making verdicts worse only if findings began to fail with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assessments.models import Assessment, Finding, FindingChange, Resource
from portal.changes.models import ResourceChange
from portal.changes.verdicts import set_verdicts

AT = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
EARLIER = AT - timedelta(days=9)


@pytest.mark.parametrize(
    ("before", "after", "failing_since", "worsened"),
    [
        ("pass", "fail", AT, "high"),
        ("", "fail", AT, "high"),
        ("unknown", "fail", AT, "high"),
        # Two units of the assessment judged the finding, and stored one change. `at` is the time of the second unit,
        # `failing_since` is the time of the first unit. The failure still counts as begun.
        ("pass", "fail", AT - timedelta(minutes=1), "high"),
        ("unknown", "fail", EARLIER, ""),  # It failed before it was unknown.
        ("gone", "fail", EARLIER, ""),  # The subscription was excluded for a time.
        ("not_applicable", "fail", EARLIER, ""),  # The control was switched off for a time.
        ("pass", "fail", None, "high"),  # By now, it passes again.
        ("fail", "fail", EARLIER, ""),
        ("fail", "pass", None, ""),
        ("pass", "unknown", None, ""),
    ],
)
def test_a_failure_that_continues_did_not_begin(
    before: str, after: str, failing_since: datetime | None, worsened: str
) -> None:
    finding = Finding(control="storage-tls", severity="high", failing_since=failing_since)
    assessment = Assessment(started_at=AT - timedelta(minutes=5))
    row = FindingChange(
        finding=finding, assessment=assessment, at=AT, before_outcome=before, after_outcome=after
    )
    resource = Resource()
    resource.ref = UUID(int=1)
    change = ResourceChange(kind="changed", resource=resource)
    set_verdicts(change, {resource.ref: [row]})
    assert change.worsened == worsened
    assert [one["before"] for one in change.verdicts] == [before]
