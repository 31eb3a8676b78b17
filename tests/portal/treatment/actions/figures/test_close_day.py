"""The final figures of a day include its last minute and nothing that came after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.notify.models import Notice
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.comments import add_comment
from portal.treatment.actions.exceptions import approve, request_exception
from portal.treatment.actions.figures.snapshots import close_day, take_snapshot
from portal.treatment.actions.owners.assign import assign
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.models import FindingException, Snapshot
from portal.treatment.selectors.refresh_triggers import needs_refresh
from tenants import journal
from tenants.locks import Lock, lock
from tenants.models import Tenant
from tenants.roles import Role
from tests import factories
from tests.concurrency import run_concurrently
from tests.factories import BY
from tests.portal.treatment.findings import make
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners

# Later than the times of the findings in tests/portal/treatment/findings.py.
MIDNIGHT = datetime(2027, 3, 2, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
BEFORE, AFTER = (MIDNIGHT - DAY).date(), MIDNIGHT.date()

type Clock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """``clock(moment)`` sets the result of `timezone.now()`."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


@pytest.fixture
def customer(db: None, clock: Clock) -> CustomerWithOwners:
    """A tenant with one failing finding and a snapshot half an hour before midnight."""
    clock(MIDNIGHT - 10 * DAY)
    customer = customer_with_owners()
    with factories.in_tenant(customer.tenant):
        customer.failing(failing_since=MIDNIGHT - 9 * DAY)
        run(customer.tenant, 1, MIDNIGHT - 9 * DAY)
        take_snapshot(tenant=customer.tenant, now=MIDNIGHT - 30 * MINUTE)
    return customer


def run(tenant: Tenant, number: int, at: datetime, *, ended: bool = True) -> Assessment:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: at - MINUTE)
        return Assessment.objects.create(
            tenant=tenant, number=number, state="finished" if ended else "running", catalogue_hash="c" * 64,
            ended_at=at if ended else None, product_version="1",
        )  # fmt: skip


def rows(tenant: Tenant) -> dict[object, tuple[dict[str, int], datetime]]:
    with factories.in_tenant(tenant):
        return {
            row.day: (row.states, row.taken_at)
            for row in Snapshot.objects.order_by("day")
            if row.taken_at is not None
        }


def take_it(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        assert (
            acknowledge(tenant=customer.tenant, findings=Finding.objects.all(), by=customer.engineer).count
            == 1
        )


def test_the_day_includes_its_last_minute(customer: CustomerWithOwners, clock: Clock) -> None:
    clock(MIDNIGHT - 20 * SECOND)
    take_it(customer)
    assert rows(customer.tenant) == {BEFORE: ({"open": 1}, MIDNIGHT - 30 * MINUTE)}
    clock(MIDNIGHT + 40 * SECOND)
    with factories.in_tenant(customer.tenant):
        assert needs_refresh(customer.tenant, timezone.now())
    refresh_treatments(tenant_id=customer.tenant.pk)
    assert rows(customer.tenant) == {
        BEFORE: ({"acknowledged": 1}, MIDNIGHT),
        AFTER: ({"acknowledged": 1}, MIDNIGHT + 40 * SECOND),
    }


@pytest.mark.slow(seconds=1)
def test_a_day_is_closed_once(customer: CustomerWithOwners, clock: Clock) -> None:
    clock(MIDNIGHT + 40 * SECOND)
    refresh_treatments(tenant_id=customer.tenant.pk)
    clock(MIDNIGHT + 60 * MINUTE)
    take_it(customer)
    refresh_treatments(tenant_id=customer.tenant.pk)
    assert rows(customer.tenant) == {
        BEFORE: ({"open": 1}, MIDNIGHT),
        AFTER: ({"acknowledged": 1}, MIDNIGHT + 60 * MINUTE),
    }


@pytest.mark.slow(seconds=2)
def test_exceptions_that_end_at_midnight_count_all_day(customer: CustomerWithOwners, clock: Clock) -> None:
    """The previous day is closed first. Only then, the transitions of the new day end the exception."""
    approver = factories.member(Role.APPROVER, customer.tenant)
    with factories.in_tenant(customer.tenant):
        exception = request_exception(
            tenant=customer.tenant,
            by=customer.engineer,
            scope=FindingException.Scope.FINDING,
            reason="Until the migration.",
            findings=Finding.objects.all(),
            ends_at=MIDNIGHT,
        )
        approve(exception=exception, by=approver)
        take_snapshot(tenant=customer.tenant, now=MIDNIGHT - 5 * MINUTE)
    clock(MIDNIGHT + 5 * SECOND)
    assert refresh_treatments(tenant_id=customer.tenant.pk).expired == 1
    found = rows(customer.tenant)
    assert [found[day][0] for day in (BEFORE, AFTER)] == [{"excepted": 1}, {"open": 1}]
    assert found[BEFORE][1] == MIDNIGHT


def by_a_person(customer: CustomerWithOwners) -> None:
    take_it(customer)


def by_an_assessment(customer: CustomerWithOwners) -> None:
    principal = factories.service_principal(factories.directory(customer.tenant))
    with factories.in_tenant(customer.tenant):
        unit = Unit.objects.create(
            tenant=customer.tenant,
            assessment=run(customer.tenant, 2, MIDNIGHT, ended=False),
            kind=Unit.Kind.SUBSCRIPTION,
            directory_id=principal.directory_id,
            service_principal=principal,
            azure_id="x",
            name="x",
            steps_planned=1,
        )
        Finding.objects.update(outcome="pass", state="resolved", failing_since=None)
        Unit.objects.filter(pk=unit.pk).update(ended_at=MIDNIGHT + SECOND)


def by_preparing_an_assessment(customer: CustomerWithOwners) -> None:
    """Preparing an assessment closes findings of excluded subscriptions, before any unit runs."""
    with factories.in_tenant(customer.tenant):
        FindingChange.objects.create(
            tenant=customer.tenant,
            finding=Finding.objects.get(),
            assessment=run(customer.tenant, 2, MIDNIGHT, ended=False),
            at=MIDNIGHT,
            before_outcome="fail",
            after_outcome="gone",
            reason="r",
        )
        Finding.objects.update(state="gone", gone_at=MIDNIGHT)


def by_something_new(customer: CustomerWithOwners) -> None:
    """A journal entry with an unknown action counts as a change."""
    with factories.in_tenant(customer.tenant):
        journal.record(tenant=customer.tenant, actor=BY, action="policy.something", target="x", details={})


@pytest.mark.parametrize(
    "change", [by_a_person, by_an_assessment, by_preparing_an_assessment, by_something_new]
)
def test_a_day_is_not_rewritten_after_a_change_since_midnight(
    customer: CustomerWithOwners, clock: Clock, change: Callable[[CustomerWithOwners], None]
) -> None:
    clock(MIDNIGHT)
    change(customer)
    clock(MIDNIGHT + 40 * SECOND)
    refresh_treatments(tenant_id=customer.tenant.pk)
    found = rows(customer.tenant)
    assert found[BEFORE] == ({"open": 1}, MIDNIGHT - 30 * MINUTE)
    assert found[AFTER][1] == MIDNIGHT + 40 * SECOND


def test_unrelated_actions_do_not_prevent_closing(customer: CustomerWithOwners, clock: Clock) -> None:
    clock(MIDNIGHT + SECOND)
    with factories.in_tenant(customer.tenant):
        add_comment(finding=Finding.objects.get(), by=customer.engineer, body="Since when?")
        assign(
            tenant=customer.tenant, findings=Finding.objects.all(), owner=customer.owner, by=customer.engineer
        )
        closed = close_day(tenant=customer.tenant, now=MIDNIGHT + MINUTE)
    assert closed is not None
    assert closed.taken_at == MIDNIGHT


def test_after_days_without_a_worker_the_last_row_is_closed(
    customer: CustomerWithOwners, clock: Clock
) -> None:
    clock(MIDNIGHT - SECOND)
    take_it(customer)
    clock(MIDNIGHT + 3 * DAY)
    refresh_treatments(tenant_id=customer.tenant.pk)
    found = rows(customer.tenant)
    assert list(found) == [BEFORE, (MIDNIGHT + 3 * DAY).date()]
    assert found[BEFORE] == ({"acknowledged": 1}, MIDNIGHT)


def test_an_assessment_of_the_last_minute_is_still_published(
    customer: CustomerWithOwners, clock: Clock
) -> None:
    """Closing the day already counts the results of the assessment. People must still be notified of these results."""
    with factories.in_tenant(customer.tenant):
        row = Finding.objects.get()
        assign(
            tenant=customer.tenant, findings=Finding.objects.all(), owner=customer.owner, by=customer.engineer
        )
        Notice.objects.all().delete()
        ended = run(customer.tenant, 2, MIDNIGHT - 10 * SECOND)
        make(customer.tenant, {"outcome": "pass", "state": "passing"}, 1)
        Finding.objects.filter(pk=row.pk).update(failing_since=MIDNIGHT - 15 * SECOND)
        FindingChange.objects.create(
            tenant=customer.tenant, finding=row, assessment=ended, at=MIDNIGHT - 15 * SECOND,
            before_outcome="pass", after_outcome="fail", reason="r",
        )  # fmt: skip
    clock(MIDNIGHT + 5 * SECOND)
    refresh_treatments(tenant_id=customer.tenant.pk)
    with factories.in_tenant(customer.tenant):
        assert Notice.objects.get(kind="reopened").person == customer.owner
        before, after = Snapshot.objects.order_by("day")
    assert (before.states, before.opened, before.through) == ({"open": 1, "passing": 1}, 1, 1)
    assert (after.opened, after.through) == (0, 2)


@pytest.mark.slow(seconds=1)
def test_changes_found_before_midnight_count_for_that_day(customer: CustomerWithOwners, clock: Clock) -> None:
    """A unit is read before midnight and ends after midnight. Its changes have the time of the reading."""
    clock(MIDNIGHT + 5 * SECOND)
    refresh_treatments(tenant_id=customer.tenant.pk)
    with factories.in_tenant(customer.tenant):
        over = run(customer.tenant, 2, MIDNIGHT - MINUTE, ended=False)
        FindingChange.objects.create(
            tenant=customer.tenant, finding=Finding.objects.get(), assessment=over, at=MIDNIGHT - MINUTE,
            before_outcome="pass", after_outcome="fail", reason="r",
        )  # fmt: skip
        Assessment.objects.filter(pk=over.pk).update(state="finished", ended_at=MIDNIGHT + 10 * SECOND)
    clock(MIDNIGHT + 20 * SECOND)
    refresh_treatments(tenant_id=customer.tenant.pk)
    with factories.in_tenant(customer.tenant):
        assert list(Snapshot.objects.order_by("day").values_list("opened", flat=True)) == [1, 0]


def test_a_tenant_without_snapshots_has_no_day_to_close(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        assert close_day(tenant=tenant) is None


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_a_unit_being_written(clock: Clock) -> None:
    """The unit ended before midnight and is committed after midnight. Its verdicts belong to the day before."""
    clock(MIDNIGHT - 10 * DAY)
    customer = customer_with_owners()
    with factories.in_tenant(customer.tenant):
        customer.failing(failing_since=MIDNIGHT - 9 * DAY)
        take_snapshot(tenant=customer.tenant, now=MIDNIGHT - 30 * MINUTE)

    def write() -> None:
        lock(Lock.VERDICTS, customer.tenant.pk)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.6)")
        Finding.objects.update(outcome="pass", state="resolved", failing_since=None)

    def close() -> Snapshot | None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return close_day(tenant=customer.tenant, now=MIDNIGHT + SECOND)

    _, closed = run_concurrently(partial(write), partial(close), tenant=customer.tenant)
    assert closed.states == {"resolved": 1}
