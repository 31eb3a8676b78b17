"""Counts over the findings of all customers are the sums of each customer's counts, with and without stored counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Assessment, Finding, Resource
from portal.queries.all_findings import conditions
from portal.queries.all_findings.customers import cells_of, customers_of, judged, open_work
from portal.queries.all_findings.filters import AllFindingsFilter
from portal.queries.all_findings.groups import AllFindings, all_findings
from portal.queries.findings.filters import FindingFilter
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import ControlCount, Snapshot, Treatment
from portal.treatment.selectors.scores import standing
from portal.treatment.states import shown_state
from tenants.models import Tenant
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.random_findings import populate

pytestmark = pytest.mark.slow(seconds=15)

EVERYTHING = AllFindingsFilter({})


@pytest.fixture
def customers(db: None) -> list[Tenant]:
    """Two customers of one organization with treated findings. No snapshot has counted the second customer's
    findings."""
    organization = factories.organization()
    tenants = [
        factories.tenant(organization, labels=["retail"]),
        factories.tenant(organization, labels=["gold", "retail"]),
    ]
    for seed, tenant in enumerate(tenants):
        with factories.in_tenant(tenant):
            populate(tenant, [factories.person()], timezone.now(), seed=seed)
            Assessment.objects.create(
                tenant=tenant, number=1, state="finished", ended_at=timezone.now(),
                catalogue_hash="c" * 64, product_version="1",
            )  # fmt: skip
    with factories.in_tenant(tenants[0]):
        take_snapshot(tenant=tenants[0])
    return tenants


def found(tenants: list[Tenant], **parameters: Any) -> AllFindings:
    with organization_scope(tenants[0].organization_id):
        chosen = AllFindingsFilter.parse({name: [value] for name, value in parameters.items()})
        return all_findings(tenants, chosen, timezone.now())


def test_the_number_of_subjects_does_not_follow_the_filter_by_severity(customers: list[Tenant]) -> None:
    whole = {group.control: group.subjects for group in found(customers).groups}
    differing = 0
    for severity in Finding.Severity.values:
        for group in found(customers, severity=severity).groups:
            assert group.subjects == whole[group.control]
            differing += group.states != group.subjects
    assert differing


def test_the_customers_of_a_control_have_together_the_numbers_of_the_control(customers: list[Tenant]) -> None:
    now = timezone.now()
    for severity in Finding.Severity.values:
        chosen = AllFindingsFilter.parse({"severity": [severity], "state": ["open"]})
        for group in found(customers, severity=severity, state="open").groups:
            with organization_scope(customers[0].organization_id):
                lines = customers_of(group.control, customers, chosen, now)
                work = open_work(group.control, customers, chosen, now)
            assert sum(line.number for line in lines) == group.count
            assert all(line.subjects >= line.counts for line in lines)
            assert judged(group.subjects) >= sum(judged(line.subjects) for line in lines) >= group.count
            assert sum(sum(one.owners.values()) for one in work.values()) == group.count


def test_numbers_are_those_of_each_customer(customers: list[Tenant]) -> None:
    expected: Counter[str] = Counter()
    for tenant in customers:
        with factories.in_tenant(tenant):
            mine = standing(tenant)
        assert found(customers, customer=tenant.slug, state="open").total == mine.open() > 0
        assert +found(customers, customer=tenant.slug).facets["state"] == Counter(mine.states)
        expected.update(mine.states)
    assert +found(customers).facets["state"] == expected
    assert found(customers).facets["customer"].total() == expected.total()


def test_stored_counts_are_read_until_an_assessment_writes(customers: list[Tenant]) -> None:
    before = found(customers).facets
    with factories.in_tenant(customers[0]):
        row = ControlCount.objects.filter(open__gt=0).first()
        assert row is not None
        ControlCount.objects.filter(pk=row.pk).update(open=row.open + 1000)
        assert not ControlCount.objects.filter(tenant=customers[1]).exists()
    assert found(customers).facets["state"]["open"] == before["state"]["open"] + 1000
    with factories.in_tenant(customers[0]):
        Assessment.objects.create(
            tenant=customers[0], number=2, state="running", catalogue_hash="c" * 64, product_version="1"
        )
    assert found(customers).facets == before


def test_the_next_snapshot_replaces_the_counts(customers: list[Tenant]) -> None:
    with factories.in_tenant(customers[0]):
        right = set(ControlCount.objects.values_list("pk", flat=True))
        wrong = ControlCount.objects.filter(open__gt=0).first()
        assert wrong is not None
        ControlCount.objects.filter(pk=wrong.pk).update(open=wrong.open + 1)
        ControlCount.objects.create(tenant=customers[0], control="removed", severity="low", section="storage")
        take_snapshot(tenant=customers[0])
        after = set(ControlCount.objects.values_list("pk", flat=True))
        assert right - after == {wrong.pk}
        assert not ControlCount.objects.filter(control="removed").exists()
        assert sum(ControlCount.objects.values_list("open", flat=True)) == sum(
            number for key, number in standing(customers[0]).states.items()
            if key in ("open", "acknowledged", "excepted")
        )  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "facet"),
    [({"severity": "high"}, "severity"), ({"label": "gold"}, "label"), ({"section": "storage"}, "section")],
)
def test_a_facet_says_how_many_its_value_would_leave(
    customers: list[Tenant], parameters: dict[str, str], facet: str
) -> None:
    everything, narrowed = found(customers), found(customers, **parameters)
    assert narrowed.total == everything.facets[facet][parameters[facet]] > 0
    assert narrowed.facets[facet] == everything.facets[facet]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("due", "overdue"),
        ("due", "7"),
        ("due", "none"),
        ("age", "30"),
        ("age", "older"),
        ("owner", "nobody"),
        ("owner", "gone"),
        ("owner", "{owner}"),
        ("subscription", "{unit}"),
        ("tag", "{tag}"),
    ],
)
def test_filters_by_facts_of_findings_match_the_lists_of_the_customers(
    customers: list[Tenant], name: str, value: str
) -> None:
    now = timezone.now()
    with organization_scope(customers[0].organization_id):
        one = Finding.objects.filter(tenant=customers[0], treatment__owner__isnull=False)[0]
        # Names of tags are compared case-insensitively; the facet shows one spelling of each.
        tag = next(iter(found(customers).facets["tag"]))
        value = value.format(owner=one.treatment.owner_id, unit=one.unit, tag=tag)
        expected = sum(
            FindingFilter.parse({name: [value]}, tenant, now)
            .apply(Finding.objects.filter(tenant=tenant))
            .count()
            for tenant in customers
        )
    narrowed = found(customers, **{name: value})
    assert narrowed.total == expected > 0
    assert found(customers).facets[name][value] == expected
    # A facet ignores its own filter.
    assert narrowed.facets[name] == found(customers).facets[name]


@pytest.mark.parametrize(
    "parameters",
    [
        {"due": ["7", "30"]},
        {"due": ["none", "7"]},
        {"age": ["older"]},
        {"owner": ["{owner}"]},
        {"owner": ["{owner}"], "due": ["7", "30", "later"]},
        {"owner": ["nobody"], "due": ["7", "30", "later"]},
        {"owner": ["{owner}", "nobody"], "age": ["older"]},
        {"subscription": ["{unit}"], "section": ["storage"]},
        {"tag": ["{tag}", "{other}"]},
        {"tag": ["{tag}"], "owner": ["{owner}"]},
        {"tag": ["=nameless"]},
    ],
)
def test_states_under_these_filters_are_those_of_the_customers(
    customers: list[Tenant], parameters: dict[str, list[str]]
) -> None:
    now = timezone.now()
    with organization_scope(customers[0].organization_id):
        one = Finding.objects.filter(tenant=customers[0], treatment__owner__isnull=False)[0]
        tag, other, *_ = found(customers).facets["tag"]
        values = {
            name: [text.format(owner=one.treatment.owner_id, unit=one.unit, tag=tag, other=other) for text in given]
            for name, given in parameters.items()
        }  # fmt: skip
        expected: dict[str, Counter[str]] = defaultdict(Counter)
        for tenant in customers:
            rows = Finding.objects.filter(tenant=tenant).annotate(shown=shown_state(now))
            matching: Any = FindingFilter.parse(values, tenant, now).apply(rows)
            for row in matching:
                expected[row.control][row.shown] += 1
        result = all_findings(customers, AllFindingsFilter(values), now)
        cells = {
            control: sum(
                (+cell.states for cell in cells_of(control, customers, AllFindingsFilter(values), now)),
                Counter(),
            )
            for control in expected
        }
    assert {group.control: +group.states for group in result.groups} == expected == cells
    assert expected or parameters == {"tag": ["=nameless"]}


def test_a_tag_counts_only_for_the_customer_whose_resource_has_it(customers: list[Tenant]) -> None:
    with organization_scope(customers[0].organization_id):
        here, there = (Finding.objects.filter(tenant=tenant, gone_at=None)[0] for tenant in customers)
        subject = f"{here.subject}-of-both"
        Finding.objects.filter(pk__in=(here.pk, there.pk)).update(subject=subject)
        now = timezone.now()
        Resource.objects.create(
            tenant=customers[0], resource_id=subject, key="k" * 64, type="t", name="n", unit=here.unit,
            tags={"Only": "here"}, sha256="a" * 64, first_seen_at=now, changed_at=now,
        )  # fmt: skip
        Snapshot.objects.update(facets_until=None)
    narrowed = found(customers, tag="only=here").facets["customer"]
    assert narrowed[customers[0].slug] > 0
    assert narrowed[customers[1].slug] == 0


def test_a_facet_is_counted_only_if_the_other_filters_leave_few_findings(
    customers: list[Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    with organization_scope(customers[0].organization_id):
        one = Finding.objects.filter(tenant=customers[0], treatment__owner__isnull=False)[0]
        owner = str(one.treatment.owner_id)
    tag = next(iter(found(customers).facets["tag"]))
    few = found(customers, owner=owner, tag=tag)
    most = max(few.facets["tag"].values())
    assert few.total <= most < found(customers).total
    monkeypatch.setattr(conditions, "MAX_COUNTED", found(customers, owner=owner).total)
    assert "owner" not in found(customers, owner=owner).facets
    counted = found(customers, owner=owner, tag=tag).facets
    assert counted["tag"] == few.facets["tag"]
    assert counted["age"] == few.facets["age"]


def test_too_many_findings_are_not_counted_by_their_facts(
    customers: list[Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "MAX_COUNTED", 1)
    result = found(customers, due="overdue")
    assert result.total > 1
    assert "due" not in result.facets


def test_with_an_owner_findings_of_all_states_count(
    customers: list[Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    with organization_scope(customers[0].organization_id):
        owner = Treatment.objects.filter(owner__isnull=False)[0].owner_id
    few = found(customers, owner=str(owner), state="open")
    every = found(customers, owner=str(owner)).total
    assert 0 < few.total < every
    monkeypatch.setattr(conditions, "MAX_COUNTED", every)
    assert "due" in found(customers, owner=str(owner), state="open").facets
    monkeypatch.setattr(conditions, "MAX_COUNTED", every - 1)
    assert "due" not in found(customers, owner=str(owner), state="open").facets
    # If an owner is chosen, all findings of this owner count towards the limit. Otherwise, only findings in the chosen
    # states count.
    monkeypatch.setattr(conditions, "MAX_COUNTED", found(customers, state="open").total)
    assert "due" in found(customers, state="open").facets


def test_search_finds_controls_by_their_words(customers: list[Tenant]) -> None:
    every = found(customers).groups
    word = every[0].control.rpartition("-")[2]
    groups = found(customers, q=word).groups
    assert every[0].control in {group.control for group in groups}
    assert len(groups) < len(every)
    assert found(customers, q="no such words").groups == []


def test_owners_and_overdue_findings_of_a_control(customers: list[Tenant]) -> None:
    for group in found(customers, state="open").groups:
        with organization_scope(customers[0].organization_id):
            work = open_work(group.control, customers, EVERYTHING, timezone.now())
            cells = cells_of(group.control, customers, EVERYTHING, timezone.now())
        assert sum(cell.states["open"] for cell in cells) == group.count
        assert group.states == +sum((cell.states for cell in cells), Counter())
        assert group.customers == len({cell.tenant_id for cell in cells if cell.states["open"]})
        assert sum(sum(one.owners.values()) for one in work.values()) == group.count
        assert all(0 <= one.overdue <= sum(one.owners.values()) for one in work.values())


def test_owners_with_due_dates_match_the_same_findings_with_and_without_copies(
    customers: list[Tenant],
) -> None:
    with factories.in_tenant(customers[1]):
        take_snapshot(tenant=customers[1])
    with organization_scope(customers[0].organization_id):
        owners = set(Treatment.objects.filter(owner__isnull=False).values_list("owner", flat=True))
    dues = ("overdue", "7", "30", "later")
    queries = [{"owner": str(owner), "due": due} for owner in sorted(owners) for due in dues]
    with CaptureQueriesContext(connection) as used:
        numbers = [found(customers, **query).facets["customer"] for query in queries]
    assert any('"finding_state" = ' in query["sql"] for query in used.captured_queries)
    assert sum(number.total() for number in numbers) > 0
    # Make the snapshots older than the newest assessments. Columns `finding_…` of treatments then count as outdated.
    with organization_scope(customers[0].organization_id):
        Snapshot.objects.update(through=0)
    with CaptureQueriesContext(connection) as used:
        assert [found(customers, **query).facets["customer"] for query in queries] == numbers
    assert not any('"finding_state" = ' in query["sql"] for query in used.captured_queries)


def test_many_findings_are_not_read_to_count_other_values(
    customers: list[Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    with factories.in_tenant(customers[1]):
        take_snapshot(tenant=customers[1])
    every = found(customers).total
    for limit, is_counted in ((every, True), (every - 1, False)):
        monkeypatch.setattr(conditions, "MAX_READ", limit)
        assert ("age" in found(customers, due="overdue").facets) is is_counted
        assert "age" in found(customers, severity="high").facets
