"""Stored numbers of findings for filter values equal counted numbers, and are not used once they are outdated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from assessments.models import Assessment, Finding
from portal.queries.all_findings.conditions import NAMES
from portal.queries.all_findings.customers import cells_of
from portal.queries.all_findings.filters import AllFindingsFilter
from portal.queries.all_findings.groups import AllFindings, all_findings
from portal.queries.all_findings.stored_values import stored_numbers
from portal.queries.findings.filters import WITHOUT_ACCESS
from portal.treatment.actions.figures import facet_counts
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import FacetCount, Snapshot, Treatment
from portal.treatment.selectors.refresh_triggers import RECOUNT_AFTER, needs_refresh
from tenants.models import Organization, Person, Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.random_findings import CONTROLS, populate

pytestmark = pytest.mark.slow(seconds=15)

INSTANT = timedelta(microseconds=1)
# Filters whose results are computed from stored numbers; `{owner}` is a person's id.
ANSWERED: list[dict[str, list[str]]] = [
    {"owner": ["{owner}"]},
    {"owner": ["{owner}", "nobody"], "state": ["open", "passing"]},
    {"owner": ["nobody", "no id"]},
    {"due": ["overdue", "7"]},
    {"due": ["30"], "severity": ["high", "low"]},
    {"due": ["later", "none"], "state": ["excepted", "open"]},
    {"age": ["7"]},
    {"age": ["30", "90", "no age"]},
    {"age": ["older"], "section": ["storage"]},
    {"subscription": ["/subscriptions/s1", "/subscriptions/s2"]},
    {"subscription": ["/subscriptions/S1"]},
    {"tag": ["ENV=prod"]},
    {"tag": ["env=Prod"], "control": ["storage-secure-transfer"]},
    {"tag": ["Env"]},
    {"tag": ["team="], "state": ["open"]},
    {"tag": ["env=nowhere"]},
    {"owner": ["{owner}"], "age": ["older"]},
    {"owner": ["{owner}", "nobody"], "age": ["7", "30", "90"], "state": ["open"]},
    {"due": ["overdue"], "age": ["older", "90"]},
    {"due": ["none", "later", "30"], "age": ["7", "30"]},
    {"subscription": ["/subscriptions/s1", "/subscriptions/s2"], "age": ["90", "older"]},
    {"tag": ["ENV=prod"], "age": ["older", "30"]},
    {"tag": ["env=Prod"], "due": ["overdue", "later"], "state": ["open", "acknowledged"]},
    {"tag": ["env"], "due": ["none"]},
]
COUNTED: list[dict[str, list[str]]] = [
    {"owner": [WITHOUT_ACCESS]},
    {"owner": [WITHOUT_ACCESS], "age": ["older"]},
    {"owner": ["{owner}"], "subscription": ["/subscriptions/s1"]},
    {"owner": ["{owner}"], "due": ["7"]},
    {"subscription": ["/subscriptions/s2"], "due": ["overdue", "none"]},
    {"age": ["7"], "due": ["7"], "subscription": ["/subscriptions/s1"]},
    {"tag": ["env=prod", "env=Prod"]},
    {"tag": ["env=prod", "env=Prod"], "age": ["older"]},
    {"tag": ["=prod"]},
]


@pytest.fixture
def owner(db: None) -> Person:
    return factories.person()


def make_customer(
    owner: Person, now: datetime, seed: int, organization: Organization | None = None
) -> Tenant:
    """An assessed customer with treated findings and a snapshot."""
    tenant = factories.tenant(organization)
    with factories.in_tenant(tenant):
        populate(tenant, [owner, factories.person()], now, seed=seed)
        Assessment.objects.create(
            tenant=tenant, number=1, state="finished", ended_at=now, catalogue_hash="c" * 64, product_version="1"
        )  # fmt: skip
        take_snapshot(tenant=tenant, now=now)
    return tenant


@pytest.fixture
def customer(owner: Person) -> Tenant:
    # At the time given to `make_customer`, some exceptions end, and some findings become 7 or 90 days old. This time is
    # a minute ago, so all of this has happened before the snapshot below.
    tenant = make_customer(owner, timezone.now() - timedelta(minutes=1), seed=3)
    with factories.in_tenant(tenant):
        take_snapshot(tenant=tenant)
    return tenant


def chosen(parameters: dict[str, list[str]], owner: Person) -> AllFindingsFilter:
    return AllFindingsFilter(
        {name: [value.format(owner=owner.pk) for value in given] for name, given in parameters.items()}
    )


def groups_and_facets(found: AllFindings) -> tuple[Any, ...]:
    """Return the counts of each control in the list, and the counts of the values of some filters."""
    groups = sorted(
        (
            row.control,
            row.severity,
            row.count,
            row.customers,
            row.assessed_customers,
            +row.states,
            +row.subjects,
        )
        for row in found.groups
    )
    return groups, {name: +found.facets[name] for name in ("severity", "section", "state", "customer")}


def numbers(tenant: Tenant, found: AllFindings, one: AllFindingsFilter, now: datetime) -> tuple[Any, ...]:
    """Return all counts of the page, including those that it shows for each customer of an opened control."""
    groups, facets = groups_and_facets(found)
    cells = sorted(
        (cell.control, cell.severity, sorted((+cell.states).items()))
        for control, *_ in CONTROLS
        for cell in cells_of(control, [tenant], one, now, found.sources)
        if +cell.states
    )
    return groups, facets, cells


def compare(tenant: Tenant, owner: Person, now: datetime) -> set[int]:
    """Compare the stored numbers with counted ones, and return the positions of the filters that had findings."""
    filters = [chosen(parameters, owner) for parameters in ANSWERED]
    stored = []
    for one in filters:
        found = all_findings([tenant], one, now)
        assert found.sources.by_facet == {tenant.pk}, one
        stored.append(numbers(tenant, found, one, now))
    row = Snapshot.objects.filter(facets_until__isnull=False).get()
    Snapshot.objects.update(facets_until=None)
    counted = []
    for one in filters:
        found = all_findings([tenant], one, now)
        assert not found.sources.by_facet
        counted.append(numbers(tenant, found, one, now))
    row.save()
    assert stored == counted
    return {place for place, (groups, *_) in enumerate(stored) if groups}


def is_stored(tenant: Tenant, parameters: dict[str, list[str]], owner: Person, now: datetime) -> bool:
    return bool(all_findings([tenant], chosen(parameters, owner), now).sources.by_facet)


def test_stored_numbers_equal_counted_ones(owner: Person) -> None:
    now = timezone.now()
    had_findings: set[int] = set()
    for seed in range(3):
        tenant = make_customer(owner, now, seed)
        with factories.in_tenant(tenant):
            had_findings |= compare(tenant, owner, now)
            for parameters in COUNTED:
                assert not is_stored(tenant, parameters, owner, now)
    without = [ANSWERED[place] for place in range(len(ANSWERED)) if place not in had_findings]
    assert without == [{"subscription": ["/subscriptions/S1"]}, {"tag": ["env=nowhere"]}]


def test_stored_numbers_of_several_customers_add_up(owner: Person) -> None:
    """Stored and counted numbers are equal for each filter: for all customers, for one customer, and with chosen
    severities.
    """
    now = timezone.now()
    organization = factories.organization()
    tenants = [make_customer(owner, now, seed, organization) for seed in range(2)]
    first = tenants[0].slug
    with organization_scope(organization):
        filters = [chosen(parameters, owner) for parameters in ANSWERED]
        filters += [AllFindingsFilter({**one.values, "customer": [first]}) for one in filters]
        filters += [AllFindingsFilter({**one.values, "severity": ["high", "low"]}) for one in filters]
        found = [all_findings(tenants, one, now) for one in filters]
        assert all(len(one.sources.by_facet) == len(tenants) for one in found)
        stored = [groups_and_facets(one) for one in found]
        Snapshot.objects.update(facets_until=None)
        found = [all_findings(tenants, one, now) for one in filters]
        assert not any(one.sources.by_facet for one in found)
        assert stored == [groups_and_facets(one) for one in found]
    assert any(row[3] == 2 for groups, _ in stored for row in groups)


def test_numbers_stay_right_until_a_finding_moves_to_another_group(customer: Tenant, owner: Person) -> None:
    start = timezone.now()
    with factories.in_tenant(customer):
        for _ in range(4):
            row = take_snapshot(tenant=customer, now=start)
            assert row.facets_until is not None
            end = min(until for until in (row.valid_until, row.facets_until) if until is not None)
            compare(customer, owner, end - INSTANT)
            start = end
        assert not is_stored(customer, {"age": ["7"]}, owner, row.facets_until)
        assert not is_stored(customer, {"due": ["none"]}, owner, row.facets_until)


def test_each_boundary_ends_the_use_of_the_numbers(customer: Tenant) -> None:
    now, day, hour = timezone.now(), timedelta(days=1), timedelta(hours=1)
    with factories.in_tenant(customer):
        Treatment.objects.filter(tenant=customer).delete()
        everything = Finding.objects.filter(tenant=customer)
        everything.filter(outcome="fail").update(failing_since=now - 900 * day)
        everything.update(first_seen_at=now - 900 * day)
        assert take_snapshot(tenant=customer, now=now).facets_until == now + day
        one = everything.filter(outcome="fail", gone_at=None, severity="high")[0]
        days = customer.due_days["high"]
        for age, after in ((7, 0), (30, 0), (90, 0), (days - 7, 1), (days - 30, 1), (days, 1)):
            Finding.objects.filter(pk=one.pk).update(failing_since=now - age * day + hour)
            until = take_snapshot(tenant=customer, now=now).facets_until
            # Groups include their lower boundary:
            # - The age grows, so the finding enters the next age group at the boundary.
            # - The time until the due date shrinks, so the finding enters the next group a microsecond later.
            expected = now + hour + after * INSTANT
            assert until in (expected, now + hour), age
        other = everything.filter(outcome="pass", gone_at=None)[0]
        Finding.objects.filter(pk=one.pk).update(failing_since=now - 900 * day)
        Finding.objects.filter(pk=other.pk).update(first_seen_at=now - 7 * day + hour)
        assert take_snapshot(tenant=customer, now=now).facets_until == now + hour


def test_passed_boundaries_cause_a_new_snapshot(customer: Tenant) -> None:
    now = timezone.now()
    with factories.in_tenant(customer):
        row = Snapshot.objects.order_by("-day")[0]
        assert not needs_refresh(customer, now)
        Snapshot.objects.filter(pk=row.pk).update(
            facets_until=now - INSTANT, valid_until=None, taken_at=now - RECOUNT_AFTER
        )
        assert needs_refresh(customer, now)


def _assign(tenant: Tenant) -> None:
    one = Finding.objects.filter(tenant=tenant, outcome="fail", gone_at=None, treatment__isnull=True)[0]
    Treatment.objects.create(
        tenant=tenant, finding=one, owner=factories.person(), owner_source="hand", owned_at=timezone.now()
    )


def _end_cover(tenant: Tenant) -> None:
    one = Treatment.objects.filter(tenant=tenant, excepted_until__gt=timezone.now())[0]
    Treatment.objects.filter(pk=one.pk).update(excepted_until=timezone.now())


def _assess(tenant: Tenant) -> None:
    Assessment.objects.create(
        tenant=tenant, number=2, state="running", catalogue_hash="c" * 64, product_version="1"
    )


def _change_policy(tenant: Tenant) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(due_days={"critical": 1})


@pytest.mark.parametrize(
    ("change", "still_stored"),
    [(_assign, "due age subscription tag"), (_end_cover, ""), (_assess, ""), (_change_policy, "")],
)
def test_a_change_ends_the_use_of_the_numbers(
    customer: Tenant, owner: Person, change: Callable[[Tenant], None], still_stored: str
) -> None:
    with factories.in_tenant(customer):
        one_of_each = {next(iter(parameters)): parameters for parameters in ANSWERED}
        change(customer)
        customer.refresh_from_db()
        now = timezone.now()
        stored = [name for name, given in one_of_each.items() if is_stored(customer, given, owner, now)]
        assert stored == still_stored.split()
        if change is not _assess:
            take_snapshot(tenant=customer, now=now)
            compare(customer, owner, now)


def test_rare_tags_are_counted(customer: Tenant, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    with factories.in_tenant(customer):
        before = all_findings([customer], chosen({"tag": ["env=Prod"]}, owner), now)
        monkeypatch.setattr(facet_counts, "MAX_TAGS", 1)
        assert not take_snapshot(tenant=customer, now=now).all_tags
        after = all_findings([customer], chosen({"tag": ["env=Prod"]}, owner), now)
        assert (bool(before.sources.by_facet), bool(after.sources.by_facet)) == (True, False)
        assert before.total == after.total > 0
        # Only the most frequent filter value still has a stored number: the tag `env` with any content.
        assert is_stored(customer, {"tag": ["env"]}, owner, now)


def test_a_snapshot_writes_only_rows_that_have_changed(customer: Tenant, owner: Person) -> None:
    def versions() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT facet || '=' || value, ctid::text FROM treatment_facetcount")
            return dict(cursor.fetchall())

    with factories.in_tenant(customer):
        before = versions()
        take_snapshot(tenant=customer)
        assert versions() == before
        Treatment.objects.filter(tenant=customer, owner=owner).update(
            owner=None, owner_source="", owned_at=None
        )
        take_snapshot(tenant=customer)
        after = versions()
        ages = {key.removeprefix("age=") for key in before if key.startswith("age=")}
        of_owner = {f"owner={owner.pk}", *(f"age owner={age} {owner.pk}" for age in ages)}
        assert before.keys() - after.keys() == of_owner & before.keys()
        changed = {key for key, version in after.items() if before.get(key) != version}
        assert "owner=nobody" in changed <= {"owner=nobody", *(f"age owner={age} nobody" for age in ages)}


def test_a_snapshot_of_an_earlier_version_has_no_pairs(customer: Tenant, owner: Person) -> None:
    with factories.in_tenant(customer):
        Snapshot.objects.update(has_pairs=False)
        stored = [given for given in ANSWERED if is_stored(customer, given, owner, timezone.now())]
    filters = {"owner", "due", "age", "subscription", "tag"}
    assert stored == [given for given in ANSWERED if len(filters & given.keys()) == 1]


def test_counts_beside_the_filters_are_stored_numbers(customer: Tenant, owner: Person) -> None:
    given: list[dict[str, list[str]]] = [
        {},
        {"state": ["open", "excepted"]},
        {"state": ["gone"]},
        {"severity": ["high", "low"], "section": ["storage"]},
        {"control": ["storage-secure-transfer"], "severity": ["high"]},
    ]
    now = timezone.now()
    with factories.in_tenant(customer):
        ids = [customer.pk]
        assert stored_numbers(ids, {}, None, now) is not None
        stored = [all_findings([customer], chosen(one, owner), now).facets for one in given]
        Snapshot.objects.update(facets_until=None)
        assert stored_numbers(ids, {}, None, now) is None
        counted = [all_findings([customer], chosen(one, owner), now).facets for one in given]
        for one, mine, other in zip(given, stored, counted, strict=True):
            for name in NAMES:
                assert +mine[name] == +other[name], (one, name)
        assert stored[0]["owner"][WITHOUT_ACCESS]
        assert {"env=Prod", "ENV=prod"} < stored[0]["tag"].keys()


def test_an_unknown_age_matches_no_stored_pair(customer: Tenant, owner: Person) -> None:
    """Numbers for the age "7" and the tag "team=x env=prod" are stored under "7 team=x env=prod". The unknown age
    "7 team=x" and the tag "env=prod" would give the same text.
    """
    with factories.in_tenant(customer):
        FacetCount.objects.create(tenant=customer, facet="age tag", value="7 team=x env=prod", controls=["c"])
        assert not is_stored(customer, {"age": ["7 team=x"], "tag": ["env=prod"]}, owner, timezone.now())


def test_a_snapshot_of_an_earlier_version_has_no_numbers(customer: Tenant, owner: Person) -> None:
    with factories.in_tenant(customer):
        FacetCount.objects.all().delete()
        Snapshot.objects.update(facets_until=None)
        for parameters in ANSWERED:
            assert not is_stored(customer, parameters, owner, timezone.now())
