"""Stored numbers by shown state equal counted numbers, and are not used once they are outdated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.all_findings.customers import cells_of
from portal.queries.all_findings.filters import AllFindingsFilter
from portal.queries.all_findings.groups import AllFindings, all_findings
from portal.queries.owners.workload import Load, workload
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import ControlCount, Snapshot, Treatment, TreatmentChange
from portal.treatment.selectors.scores import Standing, count_unassigned, customer_totals, standings
from portal.treatment.selectors.valid_snapshots import valid_owner_counts, valid_shown_counts
from portal.treatment.states import ShownState
from tenants.models import Tenant
from tests import factories
from tests.portal.treatment.assessments import store_ended_assessment
from tests.portal.web.random_findings import CONTROLS, populate

pytestmark = pytest.mark.slow(seconds=15)

DAY = timedelta(days=1)
EVERYTHING = AllFindingsFilter({})
# Filters for unassigned and overdue findings, alone and with other filters. Their results are computed from stored
# numbers.
OF_PARTS = [
    {"owner": ["nobody"]},
    {"due": ["overdue"]},
    {"owner": ["nobody"], "due": ["overdue"]},
    {"owner": ["nobody"], "state": ["open", "passing"], "severity": ["high"]},
    {"due": ["overdue"], "section": ["storage"], "state": ["acknowledged"]},
]


@pytest.fixture
def customer(db: None) -> Tenant:
    """An assessed customer with treated findings and a snapshot."""
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], timezone.now(), seed=5)
        store_ended_assessment(tenant, 1)
        take_snapshot(tenant=tenant)
    return tenant


# An exception and an attestation that are in effect at the time of every test.
DATES: dict[str, Any] = {
    "excepted_sha256": "a" * 64,
    "excepted_from": datetime(2001, 1, 1, tzinfo=UTC),
    "excepted_until": datetime(2201, 1, 1, tzinfo=UTC),
    "attested_met": True,
    "attested_until": datetime(2201, 1, 1, tzinfo=UTC),
}


def _let_all_fail_for_long(tenant: Tenant, now: datetime) -> None:
    failing = Finding.objects.filter(tenant=tenant, failing_since__isnull=False)
    failing.update(failing_since=now - 900 * DAY)


def is_valid(tenant: Tenant, now: datetime | None = None) -> bool:
    return valid_shown_counts([tenant.pk], now or timezone.now()).exists()


def have_valid_parts(tenant: Tenant, now: datetime | None = None) -> bool:
    return valid_owner_counts([tenant.pk], now or timezone.now()).exists()


def figures(
    tenant: Tenant, now: datetime, chosen: AllFindingsFilter = EVERYTHING
) -> tuple[Standing, AllFindings, list[Any]]:
    cells = [
        (cell.control, cell.severity, sorted((+cell.states).items()))
        for control, *_ in CONTROLS
        for cell in cells_of(control, [tenant], chosen, now)
        if +cell.states
    ]
    return (
        standings([tenant], now)[tenant.pk],
        all_findings([tenant], chosen, now),
        [*sorted(cells), count_unassigned(tenant, now)],
    )


def comparable(found: tuple[Standing, AllFindings, list[Any]]) -> tuple[Any, ...]:
    standing, listed, cells = found
    groups = sorted(
        (group.control, group.severity, group.count, group.customers, group.assessed_customers, +group.states)
        for group in listed.groups
    )
    facets = {name: +counted for name, counted in listed.facets.items()}
    figures = (standing.raw, standing.adjusted, standing.states, +Counter(standing.shown), standing.overdue)
    return (*figures, groups, facets, cells, listed.assessed_customers)


def work(tenant: Tenant, now: datetime) -> dict[str, tuple[Load, bool]]:
    """Return {owner's name: (counts of the owner's findings, whether the owner lacks the right to treat some)}."""
    return {row.name: (row.total, bool(row.cannot_act)) for row in workload([tenant], now).rows}


def of_parts(tenant: Tenant, now: datetime) -> list[Any]:
    """Return the results for the filters in `OF_PARTS`, and the counts of each owner's findings."""
    found = [comparable(figures(tenant, now, AllFindingsFilter(chosen))) for chosen in OF_PARTS]
    return [*found, work(tenant, now)]


@pytest.mark.parametrize("seed", range(6))
def test_stored_numbers_equal_counted_ones(db: None, seed: int) -> None:
    tenant, now = factories.tenant(), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], now, seed=seed)
        take_snapshot(tenant=tenant, now=now)
        store_ended_assessment(tenant, 1)
        assert not is_valid(tenant, now)
        counted = comparable(figures(tenant, now))
        take_snapshot(tenant=tenant, now=now)
        assert is_valid(tenant, now)
        assert comparable(figures(tenant, now)) == counted
        in_one_section = standings([tenant], now, by_section=False)[tenant.pk]
        assert (in_one_section.raw["counts"], in_one_section.states) == (counted[0]["counts"], counted[2])
        computed = (in_one_section.totals, in_one_section.overdue)
        assert customer_totals([tenant], now)[tenant.pk] == computed
        Snapshot.objects.update(totals=None)  # Snapshots of an earlier version have no totals.
        assert customer_totals([tenant], now)[tenant.pk] == computed
        assert counted[4], "no finding is overdue"
        assert {"acknowledged", "excepted", "attested", "not_met", "lapsed"} <= set(counted[2])


@pytest.mark.parametrize("seed", range(6))
def test_stored_numbers_of_parts_and_owners_equal_counted_ones(db: None, seed: int) -> None:
    tenant, now = factories.tenant(), timezone.now()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person(), factories.person()], now, seed=seed)
        take_snapshot(tenant=tenant, now=now)
        store_ended_assessment(tenant, 1)
        assert not have_valid_parts(tenant, now)
        counted = of_parts(tenant, now)
        take_snapshot(tenant=tenant, now=now)
        assert have_valid_parts(tenant, now)
        stored = all_findings([tenant], AllFindingsFilter(OF_PARTS[2]), now)
        assert stored.sources.by_shown_state == {tenant.pk}
        assert not stored.sources.counted
        assert of_parts(tenant, now) == counted
        assert stored.total > 0, "no finding is unassigned and overdue"
        assert len(counted[-1]) == 3
        # `ControlCount` stores no numbers for these filters.
        for other in ({"due": ["7"]}, {"owner": ["nobody", "gone"]}, {"due": ["overdue"], "age": ["older"]}):
            assert AllFindingsFilter(other).part is None


def test_valid_numbers_are_read_from_the_store(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        row = ControlCount.objects.filter(excepted__gt=0)[0]
        before = all_findings([customer], EVERYTHING, timezone.now()).facets["state"]
        ControlCount.objects.filter(pk=row.pk).update(excepted=row.excepted + 1, open=row.open + 1)
        after = all_findings([customer], EVERYTHING, timezone.now()).facets["state"]
        assert after - before == {ShownState.EXCEPTED: 1}
        Snapshot.objects.update(shown=[["low", "pass", "passing", 7]], late={"low": 3})
        stored = standings([customer], by_section=False)[customer.pk]
        assert (stored.states, stored.overdue) == ({"passing": 7}, {"low": 3})
        assert customer_totals([customer], timezone.now())[customer.pk].totals.states == before


def _acknowledge(tenant: Tenant) -> None:
    one = Finding.objects.filter(tenant=tenant, outcome="fail", treatment__isnull=True)[0]
    Treatment.objects.create(
        tenant=tenant, finding=one, acknowledged_by=factories.person(), acknowledged_at=timezone.now(),
        acknowledged_failing_since=one.failing_since,
    )  # fmt: skip


def _end_cover(tenant: Tenant) -> None:
    one = Treatment.objects.filter(tenant=tenant, excepted_until__gt=timezone.now())[0]
    Treatment.objects.filter(pk=one.pk).update(excepted_until=timezone.now())


def _delete(tenant: Tenant) -> None:
    Treatment.objects.filter(tenant=tenant, attested_until__isnull=False)[0].delete()


def _change_policy(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(due_days={"critical": 1})


@pytest.mark.parametrize("change", [_acknowledge, _end_cover, _delete, _change_policy])
def test_a_change_ends_the_use_of_stored_numbers_until_the_next_snapshot(
    customer: Tenant, change: Callable[[Tenant], None]
) -> None:
    with factories.in_tenant(customer):
        assert is_valid(customer)
        change(customer)
        assert not is_valid(customer)
        customer.refresh_from_db()
        counted = comparable(figures(customer, timezone.now()))
        take_snapshot(tenant=customer)
        assert is_valid(customer)
        assert comparable(figures(customer, timezone.now())) == counted


def _assign(tenant: Tenant) -> None:
    one = Finding.objects.filter(tenant=tenant, outcome="fail", gone_at=None, treatment__isnull=True)[0]
    Treatment.objects.create(
        tenant=tenant, finding=one, owner=factories.person(), owner_source="hand", owned_at=timezone.now()
    )


def _hand_over(tenant: Tenant) -> None:
    owned = Treatment.objects.filter(tenant=tenant, owner__isnull=False, finding__outcome="fail")
    Treatment.objects.filter(pk=owned[0].pk).update(owner=factories.person())


def _withdraw(tenant: Tenant) -> None:
    owned = Treatment.objects.filter(tenant=tenant, owner__isnull=False)
    Treatment.objects.filter(pk=owned[0].pk).update(owner=None, owner_source="", owned_at=None)


def _delete_owned(tenant: Tenant) -> None:
    Treatment.objects.filter(tenant=tenant, owner__isnull=False)[0].delete()


@pytest.mark.parametrize(
    "change",
    [_acknowledge, _end_cover, _delete, _change_policy, _assign, _hand_over, _withdraw, _delete_owned],
)
def test_a_change_ends_the_use_of_the_numbers_of_parts_until_the_next_snapshot(
    customer: Tenant, change: Callable[[Tenant], None]
) -> None:
    with factories.in_tenant(customer):
        assert have_valid_parts(customer)
        change(customer)
        assert not have_valid_parts(customer)
        customer.refresh_from_db()
        now = timezone.now()
        counted = of_parts(customer, now)
        take_snapshot(tenant=customer, now=now)
        assert have_valid_parts(customer, now)
        assert of_parts(customer, now) == counted


def test_a_snapshot_of_an_earlier_version_has_no_numbers_of_parts(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        Snapshot.objects.update(work=None)
        assert (is_valid(customer), have_valid_parts(customer)) == (True, False)


def test_a_change_of_an_owner_keeps_the_stored_numbers(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        one = Finding.objects.filter(tenant=customer, treatment__isnull=True)[0]
        Treatment.objects.create(tenant=customer, finding=one)
        Treatment.objects.filter(tenant=customer).update(
            owner=factories.person(), owner_source="hand", owned_at=timezone.now()
        )
        assert is_valid(customer)


def test_an_assessment_ends_the_use_of_stored_numbers(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        Assessment.objects.create(
            tenant=customer, number=2, state="running", catalogue_hash="c" * 64, product_version="1"
        )
        assert not is_valid(customer)


def test_a_transaction_is_recorded_once(customer: Tenant) -> None:
    with factories.in_tenant(customer), transaction.atomic():
        _acknowledge(customer)
        _acknowledge(customer)
        _end_cover(customer)
        assert TreatmentChange.objects.filter(tenant=customer).count() == 1
        _assign(customer)
        _assign(customer)
        kinds = TreatmentChange.objects.filter(tenant=customer).values_list("only_owner", flat=True)
        assert sorted(kinds) == [False, True]


def test_each_transaction_adds_its_own_record(customer: Tenant) -> None:
    """Each transaction needs its own record, because a snapshot can delete the records of other transactions."""
    with factories.in_tenant(customer):
        TreatmentChange.objects.create(tenant=customer, transaction=1)
        _acknowledge(customer)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text::bigint")
            own = cursor.fetchone()[0]
        assert TreatmentChange.objects.filter(tenant=customer, transaction=own).count() == 1


@pytest.mark.parametrize("column", ["excepted_from", "excepted_until", "attested_until"])
def test_numbers_are_valid_until_a_date_passes(customer: Tenant, column: str) -> None:
    now = timezone.now()
    with factories.in_tenant(customer):
        Treatment.objects.filter(tenant=customer).delete()
        _let_all_fail_for_long(customer, now)
        one = Finding.objects.filter(tenant=customer)[0]
        dates = {**DATES, column: now + DAY}
        Treatment.objects.create(tenant=customer, finding=one, **dates)
        assert take_snapshot(tenant=customer, now=now).valid_until == now + DAY
        assert is_valid(customer, now + DAY - timedelta(seconds=1))
        assert not is_valid(customer, now + DAY)
        assert not is_valid(customer, now - timedelta(seconds=1))


def test_numbers_are_valid_until_a_finding_becomes_overdue(customer: Tenant) -> None:
    now = timezone.now()
    with factories.in_tenant(customer):
        Treatment.objects.filter(tenant=customer).delete()
        _let_all_fail_for_long(customer, now)
        one = Finding.objects.filter(tenant=customer, outcome="fail", gone_at__isnull=True)[0]
        Finding.objects.filter(pk=one.pk).update(severity="high", failing_since=now - 29 * DAY)
        customer.due_days = {"high": 30}
        customer.save()
        valid_until = take_snapshot(tenant=customer, now=now).valid_until
        assert valid_until == now + DAY + timedelta(microseconds=1)
        before, after = (figures(customer, now + DAY + timedelta(seconds=step)) for step in (-1, 1))
        assert after[0].overdue["high"] == before[0].overdue.get("high", 0) + 1


def test_without_dates_numbers_stay_valid(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        Treatment.objects.filter(tenant=customer).delete()
        customer.due_days = {}
        customer.save()
        assert take_snapshot(tenant=customer).valid_until is None
        assert is_valid(customer, timezone.now() + 900 * DAY)


def test_figures_by_section_and_unassigned_findings_are_stored(customer: Tenant) -> None:
    with factories.in_tenant(customer):
        before = standings([customer])[customer.pk], count_unassigned(customer, timezone.now())
        row = ControlCount.objects.filter(open__gt=0).first()
        assert row is not None
        ControlCount.objects.filter(pk=row.pk).update(
            open=row.open + 1000, unassigned_open=row.unassigned_open + 1000
        )
        stored = standings([customer])[customer.pk]
        assert stored.open(section=row.section) == before[0].open(section=row.section) + 1000
        assert count_unassigned(customer, timezone.now()) == before[1] + 1000
        Assessment.objects.create(
            tenant=customer, number=2, state="running", catalogue_hash="c" * 64, product_version="1"
        )
        assert standings([customer])[customer.pk].shown == before[0].shown
        assert count_unassigned(customer, timezone.now()) == before[1]
