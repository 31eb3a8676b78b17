"""The failing days of each control, compared with a simple computation from the changes of each finding."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange
from portal.queries.audit_room import Period
from portal.queries.tenant_overview.exposure import Known, Standing, exposure, known, table, totals
from tenants.models import Tenant
from tests import factories

START = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = Period(date(2026, 3, 11), date(2026, 3, 20))
CONTROL = "storage-secure-transfer"
OUTCOMES = ("fail", "pass", "unknown", "not_applicable", "fail", "gone")


@dataclass
class History:
    """The changes of a finding: (days since START, outcome before, outcome after)."""

    changes: list[tuple[float, str, str]]

    def failing(self) -> list[tuple[datetime, datetime | None]]:
        """Return the times with a failing verdict, each until the next change."""
        found: list[tuple[datetime, datetime | None]] = []
        if self.changes[0][1] == "fail":
            found.append((START, _day(self.changes[0][0])))
        for index, (day, _, after) in enumerate(self.changes):
            following = self.changes[index + 1][0] if index + 1 < len(self.changes) else None
            if after == "fail":
                found.append((_day(day), None if following is None else _day(following)))
        return _joined(found)


def _joined(times: list[tuple[datetime, datetime | None]]) -> list[tuple[datetime, datetime | None]]:
    """Join failing times that follow each other without a gap. Between two such times, only the observed value changed,
    not the verdict.
    """
    found: list[tuple[datetime, datetime | None]] = []
    for begin, until in times:
        if found and found[-1][1] == begin:
            begin = found.pop()[0]
        found.append((begin, until))
    return found


def _day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def customer(db: None) -> Tenant:
    return factories.tenant()


def stored(tenant: Tenant, histories: list[History]) -> None:
    """Store a finding for each history."""
    numbers = sorted({day for history in histories for day, _, _ in history.changes})
    assessments = {
        day: Assessment.objects.create(
            tenant=tenant,
            number=place,
            state="finished",
            trigger="manual",
            started_at=_day(day),
            ended_at=_day(day),
        )
        for place, day in enumerate(numbers, 1)
    }
    for number, history in enumerate(histories):
        finding = Finding.objects.create(
            tenant=tenant,
            control=CONTROL,
            section="storage",
            severity="high",
            severity_rank=1,
            subject=f"/exposure/{number}",
            subject_key=f"exposure{number}",
            subject_name=f"account{number}",
            subject_type="Microsoft.Storage/storageAccounts",
            unit="/subscriptions/s",
            outcome="pass",
            state="passing",
            reason="",
            expected="",
            observed_sha256="",
            first_seen_at=START,
            changed_at=START,
        )
        for day, before, after in history.changes:
            FindingChange.objects.create(
                tenant=tenant,
                finding=finding,
                assessment=assessments[day],
                at=_day(day),
                before_outcome=before,
                after_outcome=after,
                reason="",
            )


def expected(histories: list[History], end: datetime) -> dict[str, Any]:
    counts = dict.fromkeys(("at_start", "began", "ceased", "at_end", "findings"), 0)
    spent = []
    for history in histories:
        clipped = [
            (max(begin, PERIOD.start), min(until or end, end))
            for begin, until in history.failing()
            if begin < end and (until or end) > PERIOD.start
        ]
        days = sum((until - begin).total_seconds() for begin, until in clipped) / 86_400
        if not clipped:
            continue
        spent.append(days)
        counts["findings"] += 1
        counts["at_start"] += any(
            b < PERIOD.start and (u is None or u > PERIOD.start) for b, u in history.failing()
        )
        counts["at_end"] += any(b < end and (u is None or u >= end) for b, u in history.failing())
        for day, before, after in history.changes:
            if PERIOD.start <= _day(day) < end:
                counts["began"] += before != "fail" and after == "fail"
            if PERIOD.start < _day(day) < end:
                counts["ceased"] += before == "fail" and after != "fail"
    return counts | {"days": pytest.approx(sum(spent)), "longest": pytest.approx(max(spent, default=0))}


def random_history(numbers: random.Random) -> History:
    days = sorted(numbers.sample([half / 2 for half in range(1, 60)], numbers.randint(1, 6)))
    before, changes = numbers.choice(["", "", "fail", "pass"]), []
    for day in days:
        after = numbers.choice(OUTCOMES)
        changes.append((day, before, after))
        before = after
    return History(changes)


@pytest.mark.parametrize("seed", range(8))
def test_random_histories(customer: Tenant, seed: int) -> None:
    numbers = random.Random(seed)
    histories = [random_history(numbers) for _ in range(25)]
    with factories.in_tenant(customer):
        stored(customer, histories)
        found = {row.control: row for row in exposure(customer, PERIOD, timezone.now())}
    row = found.pop(CONTROL)
    assert found == {}
    wanted = expected(histories, PERIOD.end)
    assert {name: getattr(row, name) for name in wanted} == wanted
    assert row.at_start is not None
    assert row.at_start + row.began - row.ceased == row.at_end
    sums = totals([row])
    assert (sums.at_start, sums.at_end, sums.days) == (row.at_start, row.at_end, row.days)


def test_the_period_ends_now(customer: Tenant) -> None:
    """A period that has not ended counts only the days until now."""
    histories = [History([(3, "", "fail")])]
    with factories.in_tenant(customer):
        stored(customer, histories)
        (row,) = exposure(customer, PERIOD, _day(12))
    assert (round(row.days, 6), round(row.longest, 6), row.at_end) == (2, 2, 1)


def test_a_finding_whose_changes_were_deleted_has_failed_since(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        stored(customer, [History([])])
        Finding.objects.filter(tenant=customer).update(outcome="fail", state="open", failing_since=_day(14))
        (row,) = exposure(customer, PERIOD, timezone.now())
        header, line = table([row], Known(start=True, end=True))
    assert (row.at_start, row.began, row.at_end, round(row.days, 6)) == (0, 1, 1, 6)
    assert dict(zip(header, line, strict=True))["Days failing, longest"] == "6.00"


@pytest.mark.parametrize(
    ("score", "numbers", "is_known"),
    [
        (None, None, False),
        (None, {"Open": 0, "Unknown": 9}, False),
        (None, {"Open": 0, "Unknown": 0}, True),
        (71.5, {"Open": 3, "Unknown": 9}, True),
    ],
)
def test_nothing_failing_is_not_known_without_a_result(
    customer: Tenant, score: float | None, numbers: dict[str, int] | None, is_known: bool
) -> None:
    day = Standing(PERIOD.last, score, score, numbers, None)
    nothing = Standing(PERIOD.first, None, None, None, None)
    assert known([], nothing, day) == Known(start=False, end=is_known)
    assert known([], day, nothing) == Known(start=is_known, end=False)
    with factories.in_tenant(customer):
        stored(
            customer,
            [History([(3, "pass", "fail")]), History([(3, "pass", "fail"), (12, "fail", "unknown")])],
        )
        (row,) = rows = exposure(customer, PERIOD, timezone.now())
    # Findings failed at the start and the end, so their numbers are known even without recorded figures.
    assert known(rows, nothing, nothing) == Known(start=True, end=True)
    _, line = table([row], Known(start=False, end=False))
    assert list(line[3:7]) == ["not known", row.began, row.ceased, "not known"]


def test_another_customer_is_not_counted(customer: Tenant) -> None:
    other = factories.tenant()
    with factories.in_tenant(customer):
        stored(customer, [History([(3, "", "fail")])])
    with factories.in_tenant(other):
        assert exposure(other, PERIOD, timezone.now()) == []
        assert exposure(customer, PERIOD, timezone.now()) == []
