"""The facets' counts against counting by hand, and filters that come from anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from assessments.models import Finding, Resource
from portal.queries.findings import filters
from portal.queries.findings.date_buckets import AGE_LABELS, DUE_LABELS
from portal.queries.findings.facet_counts import FACETS, FacetCounts, costly_facets
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.ordering import ordered
from portal.queries.findings.tags import tag_counts
from portal.queries.parameters import parse_query_string
from portal.treatment.due_dates import due_at
from portal.treatment.states import shown_state
from portal.web.components.facets import Facet
from portal.web.findings.address import Address
from portal.web.findings.facets import placeholders
from portal.web.findings.request import FindingsRequest
from tenants.models import Person, Tenant
from tests import factories
from tests.portal.web.many import populate
from tests.portal.web.world import World

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUERIES = [
    "",
    "severity=high",
    "severity=critical&severity=medium&verdict=fail",
    "verdict=unknown&section=network",
    "section=storage&q=anonymous",
    "q=account&state=excepted&state=acknowledged",
    "q=account&state=passing&severity=high&owner=ME",
    "q=account&state=open&due=overdue",
    "q=ANONYMOUS_ACCESS%20account1",
    "q=100%25",
    "control=storage-anonymous-access-disallowed&state=open",
    "state=gone",
    "state=gone&state=open",
    "severity=nonsense",
    "state=open",
    "state=acknowledged",
    "state=excepted&state=open",
    "state=attested&state=lapsed&state=not_met",
    "state=manual&severity=critical",
    "state=passing",
    "due=overdue",
    "due=overdue&due=7&state=open",
    "due=none",
    "due=none&due=30&severity=high",
    "due=later&owner=nobody",
    "due=nonsense",
    "age=7",
    "age=30&age=older&state=acknowledged",
    "age=90&due=overdue&state=excepted&state=open",
    "owner=nobody",
    "owner=ME",
    "owner=ME&owner=nobody&state=open&severity=low",
    "owner=not-an-id",
    "subscription=/subscriptions/s1&state=open",
    "tag=env%3Dprod",
    "tag=team&state=open",
    "tag=env%3DProd&q=account&owner=nobody",
]


def by_hand(row: Any, tenant: Tenant) -> dict[str, str]:
    """The facet values of a finding that knows its shown state."""
    treatment = getattr(row, "treatment", None)
    due = due_at(tenant, row) if row.gone_at is None and row.shown in ("open", "acknowledged") else None
    since = row.failing_since or row.first_seen_at
    age = NOW - since
    return {
        "severity": row.severity,
        "verdict": row.outcome,
        "section": row.section,
        "subscription": row.unit,
        "control": row.control,
        "state": row.shown,
        "owner": str(treatment.owner_id) if treatment and treatment.owner_id else "nobody",
        "due": "none" if due is None else _range(due - NOW, {"overdue": 0, "7": 7, "30": 30, "later": 10**5}),
        "age": _range(age, {"7": 7, "30": 30, "90": 90, "older": 10**5}),
    }


def _range(span: timedelta, ends: dict[str, int]) -> str:
    return next(key for key, days in ends.items() if span < timedelta(days=days))


def tags_of(row: Finding, resources: dict[str, Any]) -> set[str]:
    tags = resources.get(row.subject_key, {})
    return {name.lower() for name in tags} | {f"{name.lower()}={value}" for name, value in tags.items()}


def matches(
    row: Any, cell: dict[str, str], tags: set[str], chosen: FindingFilter, *, without: str = ""
) -> bool:
    text = [row.subject.casefold(), row.control.casefold(), row.reason.casefold()]
    if not all(any(word in part for part in text) for word in chosen.search.casefold().split()):
        return False
    wanted = {name: values for name, values in chosen.values.items() if name != without}
    if "tag" in wanted:
        asked = {
            f"{n.lower()}={v}" if v else n.lower()
            for n, _, v in (t.partition("=") for t in wanted.pop("tag"))
        }
        if not asked & tags or row.gone_at is not None:
            return False
    if any(cell[name] not in values for name, values in wanted.items()):
        return False
    return row.state != "gone" or without == "state" or "gone" in chosen.values.get("state", [])


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_counting_by_hand(db: None, seed: int) -> None:
    tenant = factories.tenant()
    people = [factories.person(), factories.person()]
    with factories.in_tenant(tenant):
        populate(tenant, people, NOW, seed)
        everything = Finding.objects.filter(tenant=tenant)
        rows = list(everything.select_related("treatment").annotate(shown=shown_state(NOW)))
        resources = dict(Resource.objects.values_list("key", "tags"))
        cells = {row.pk: by_hand(row, tenant) for row in rows}
        tags = {row.pk: tags_of(row, resources) for row in rows}
        for query in QUERIES:
            chosen = FindingFilter.parse(
                parse_query_string(query.replace("ME", str(people[0].pk))), tenant, NOW
            )
            expected = [row for row in rows if matches(row, cells[row.pk], tags[row.pk], chosen)]
            listed = set(chosen.apply(everything).values_list("pk", flat=True))
            assert listed == {row.pk for row in expected}, query
            facets = {
                name: dict(
                    Counter(
                        cells[row.pk][name]
                        for row in rows
                        if matches(row, cells[row.pk], tags[row.pk], chosen, without=name)
                    )
                )
                for name in FACETS
            }
            looked_up = chosen.look_up_search(everything)
            assert (looked_up.matching_ids is None) == (not chosen.search), query
            for whole, asked in ((False, chosen), (True, chosen), (True, looked_up)):
                part = FacetCounts.of(everything, asked, complete=whole)
                assert {name: dict(counts) for name, counts in part.counts.items()} == facets, query
                assert part.count == len(expected), query
                assert part.total == sum(row.state != "gone" for row in rows), query
                assert dict(part.by_control) == dict(Counter(row.control for row in expected)), query
                for found in part.groups:
                    inside = [row for row in expected if row.control == found.control]
                    states = {key: number for key, number in found.states.items() if number}
                    assert states == dict(Counter(row.shown for row in inside)), query
                    assert set(found.severities) == {row.severity for row in inside}, query


def test_what_is_counted_later_is_what_would_be_counted_at_once(db: None) -> None:
    """The page and what it fetches say together what one pass over all facets says; and the page itself says
    of a chosen value only what that pass says."""
    tenant = factories.tenant()
    person = factories.person()
    with factories.in_tenant(tenant):
        populate(tenant, [person, factories.person()], NOW, 1)
        rows = Finding.objects.filter(tenant=tenant)
        for query in QUERIES:
            chosen = FindingFilter.parse(parse_query_string(query.replace("ME", str(person.pk))), tenant, NOW)
            for whole in (True, False):
                at_once = FacetCounts.of(rows, chosen, complete=whole)
                rest = costly_facets(chosen)
                page = FacetCounts.of(
                    rows, chosen.look_up_search(rows, ()), complete=whole, wanted=set(FACETS) - set(rest)
                )
                assert (page.count, page.total) == (at_once.count, at_once.total), query
                assert {found.control: found for found in page.groups} == {
                    found.control: found for found in at_once.groups
                }, query
                for name in FACETS:
                    if name in rest:
                        looked_up = chosen.look_up_search(rows, (name,))
                        fetched = FacetCounts.of(
                            rows, looked_up, complete=whole, wanted=[name], with_groups=False
                        )
                        assert fetched.counts[name] == at_once.counts[name], (query, name)
                        for value, count in page.counts[name].items():
                            assert count == at_once.counts[name][value], (query, name, value)
                    else:
                        assert page.counts[name] == at_once.counts[name], (query, name)
                placeholders(page, chosen, rest, 3)
                for name, values in chosen.values.items():
                    if name in FACETS and len(values) == 1:
                        assert page.counts[name][values[0]] == at_once.counts[name].get(values[0], 0), query


@pytest.mark.parametrize(
    "query", ["", "state=open", "state=passing", "severity=high&state=excepted", "due=none"]
)
def test_pages_in_the_order_of_due_dates_are_those_of_the_whole_list(db: None, query: str) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], NOW, 2)
        Tenant.objects.filter(pk=tenant.pk).update(due_days={"critical": 7, "high": 30, "medium": 90})
        tenant.refresh_from_db()
        rows = Finding.objects.filter(tenant=tenant)
        chosen = FindingFilter.parse(parse_query_string(query), tenant, NOW)
        asked = FindingsRequest(tenant, NOW, Address.parse(QueryDict("layout=list&sort=due")), chosen, rows)
        dated = FacetCounts.of(rows, chosen).count_with_due_date(tenant)
        whole = list(ordered(chosen.apply(rows), "due", tenant, NOW).values_list("pk", flat=True))
        for size in (1, 7, 50, 500):
            pages = [
                asked.page_ids(at, min(at + size, len(whole)), dated) for at in range(0, len(whole), size)
            ]
            assert list(chain.from_iterable(pages)) == whole, size
    assert len(whole) > 1


def _options(facets: list[Facet]) -> dict[str, list[tuple[str, int | None, list[tuple[str, str]]]]]:
    """Facet -> (label, count, where it leads), whatever the order of the address and whether all are counted."""
    return {
        f.name: [
            (o.label, o.count, sorted(set(parse_qsl(o.url.lstrip("?"))) - {("facets", "all")}))
            for o in f.options
        ]
        for f in facets
        if f.options
    }


@pytest.mark.parametrize("most", [1000, 0])
@pytest.mark.parametrize("who", ["organization_engineer", "owner"])
@pytest.mark.parametrize(
    "query",
    ["", "state=open&layout=list", "severity=high&due=overdue&owner=nobody", "q=storage&verdict=pass"],
)
def test_the_page_and_what_it_fetches_show_what_all_counts_show(
    world: World,
    sign_in: Callable[[Person], Client],
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    who: str,
    most: int,
) -> None:
    monkeypatch.setattr(filters, "MAX_MATCHING_IDS", most)
    client = sign_in(world.people[who])
    url = reverse("findings", args=[world.home.slug])
    everything = client.get(f"{url}?{query}&facets=all").context
    assert not everything["later"]
    expected = _options(everything["facets"])
    page = client.get(f"{url}?{query}").context
    assert page["later"] == bool(everything["total"])
    shown = _options([f for f in page["facets"] if not f.waiting])
    waiting = [f for f in page["facets"] if f.waiting]
    assert {o.label for f in waiting for o in f.options} <= {o[0] for some in expected.values() for o in some}
    for address in [page["facets_url"], *page["facet_urls"].values()]:
        response = client.get(address)
        taking = len(response.context["facets"]) if address == page["facets_url"] else 0
        assert response.content.decode().count("hx-swap-oob") == taking
        shown |= _options(response.context["facets"])
    assert shown == expected


def test_the_random_findings_are_of_every_kind(db: None) -> None:
    """Else the comparison above would compare nothing with nothing."""
    tenant = factories.tenant()
    people = [factories.person(), factories.person()]
    with factories.in_tenant(tenant):
        populate(tenant, people, NOW, 1)
        rows = (
            Finding.objects.filter(tenant=tenant).select_related("treatment").annotate(shown=shown_state(NOW))
        )
        cells = [by_hand(row, tenant) for row in rows]
    assert {cell["due"] for cell in cells} == set(DUE_LABELS)
    assert {cell["age"] for cell in cells} == set(AGE_LABELS)
    assert {"open", "acknowledged", "excepted", "attested", "lapsed", "gone", "resolved"} <= {
        cell["state"] for cell in cells
    }
    assert len({cell["owner"] for cell in cells}) == 3


@pytest.mark.parametrize("query", ["", "state=open", "tag=env%3Dprod&severity=high"])
def test_tags_are_counted_under_the_other_filters(db: None, query: str) -> None:
    tenant = factories.tenant()
    chosen = FindingFilter.parse(parse_query_string(query), tenant, NOW)
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], NOW, 1)
        everything = Finding.objects.filter(tenant=tenant)
        found = tag_counts(everything, chosen)
        rows = list(chosen.without("tag").apply(everything))
        resources = dict(Resource.objects.values_list("key", "tags"))
    expected = Counter(
        f"{name.lower()}={value}" if value else name.lower()
        for row in rows
        for name, value in resources.get(row.subject_key, {}).items()
    )
    assert {
        key.partition("=")[0].lower() + key.partition("=")[1] + key.partition("=")[2]: n
        for key, n in found.items()
    } == dict(expected)
    assert found


def test_the_order_by_due_date_is_that_of_due_dates(db: None) -> None:
    tenant = factories.tenant()
    with factories.in_tenant(tenant):
        populate(tenant, [factories.person()], NOW, 2)
        rows = ordered(Finding.objects.filter(tenant=tenant), "due", tenant, NOW).annotate(
            shown=shown_state(NOW)
        )
        dues = [
            due_at(tenant, row) if row.shown in ("open", "acknowledged") and row.gone_at is None else None
            for row in rows
        ]
    known = [due for due in dues if due is not None]
    assert len(known) > 10
    assert dues == sorted(known) + [None] * (len(dues) - len(known))


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=x", "?page=999999999999", "?severity=%00", "?q=%00%ff", "?q=" + "x" * 5000,
     "?control=../../etc", "?subscription=%27%3B--", "?state=", "?unknown=1", "?owner=1&due=x&age=&tag=%3D",
     "?layout=list&sort=none&col=none", "?open=nothing&open=%00", "?tags=1", "?layout=list&page=2&sort=due"],
)  # fmt: skip
def test_odd_addresses_are_answered(world: World, sign_in: Callable[[Person], Client], query: str) -> None:
    client = sign_in(world.people["auditor"])
    response = client.get(reverse("findings", args=[world.home.slug]) + query)
    assert response.status_code == 200


def test_what_is_typed_is_shown_as_text(world: World, sign_in: Callable[[Person], Client]) -> None:
    client = sign_in(world.people["auditor"])
    attack = "<script>alert(1)</script>"
    for url in (reverse("findings", args=[world.home.slug]), reverse("palette"), reverse("controls"), "/"):
        html = client.get(url, {"q": attack}).content.decode()
        assert attack not in html


def test_an_owner_is_told_why_the_list_is_short(world: World, sign_in: Callable[[Person], Client]) -> None:
    url = reverse("findings", args=[world.home.slug]) + "?layout=list"
    html = sign_in(world.people["owner"]).get(url).content.decode()
    assert "You see only your own findings" in html
    assert world.of(world.home)["owned"].subject_name in html
    assert world.of(world.home)["finding"].subject_name not in html


def test_of_a_severity_what_fails_comes_first(world: World, sign_in: Callable[[Person], Client]) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug]) + "?layout=list"
    rows = [
        row
        for number in range(1, client.get(url).context["page"].paginator.num_pages + 1)
        for row in client.get(f"{url}&page={number}").context["rows"]
    ]
    severities = ["critical", "high", "medium", "low"]
    outcomes = ["fail", "unknown", "manual", "pass", "not_applicable"]
    order = [
        (severities.index(row["severity"]), outcomes.index(row["outcome"]), row["control"]) for row in rows
    ]
    assert order == sorted(order)
    assert {"fail", "unknown", "pass"} <= {row["outcome"] for row in rows}


def test_groups_open_to_the_findings_that_they_count(
    world: World, sign_in: Callable[[Person], Client]
) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug]) + "?verdict=fail"
    groups = client.get(url).context["groups"]
    assert groups
    for group in groups:
        opened = client.get(f"{url}&open={group['control']}").context["groups"]
        inside = next(one["rows"] for one in opened if one["control"] == group["control"])
        fetched = client.get(group["rows_url"]).context["rows"]
        assert [row["id"] for row in inside] == [row["id"] for row in fetched]
        assert len(inside) == group["count"]
        assert {row["outcome"] for row in inside} == {"fail"}
