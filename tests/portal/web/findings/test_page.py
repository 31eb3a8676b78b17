"""Findings page: layouts, facets that load later, and addresses with any parameters."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from assessments.models import Finding
from portal.queries.findings import filters
from portal.queries.findings.facet_counts import FacetCounts
from portal.queries.findings.filters import FindingFilter
from portal.queries.findings.ordering import ordered
from portal.queries.parameters import parse_query_string
from portal.web.components.facets import Facet
from portal.web.findings.address import Address
from portal.web.findings.request import FindingsRequest
from tenants.models import Person, Tenant
from tests import factories
from tests.portal.queries.findings.by_hand import NOW
from tests.portal.web.random_findings import populate
from tests.portal.web.world import World


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize(
    "query", ["", "state=open", "state=passing", "severity=high&state=excepted", "due=none"]
)
def test_pages_ordered_by_due_date_add_up_to_the_whole_list(db: None, query: str) -> None:
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
    """Return {facet: [(label, count, parameters of the link)]}, in a form that ignores the order of the parameters."""
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
def test_the_page_with_its_fetched_facets_equals_the_page_with_all_counts(
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
        assert response.content.decode().count('hx-swap-oob="true"') == taking
        shown |= _options(response.context["facets"])
    assert shown == expected


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=x", "?page=999999999999", "?severity=%00", "?q=%00%ff", "?q=" + "x" * 5000,
     "?control=../../etc", "?subscription=%27%3B--", "?state=", "?unknown=1", "?owner=1&due=x&age=&tag=%3D",
     "?layout=list&sort=none&col=none", "?open=nothing&open=%00", "?tags=1", "?layout=list&page=2&sort=due"],
)  # fmt: skip
def test_malformed_addresses_are_answered(
    world: World, sign_in: Callable[[Person], Client], query: str
) -> None:
    client = sign_in(world.people["auditor"])
    response = client.get(reverse("findings", args=[world.home.slug]) + query)
    assert response.status_code == 200


def test_typed_text_is_escaped(world: World, sign_in: Callable[[Person], Client]) -> None:
    client = sign_in(world.people["auditor"])
    attack = "<script>alert(1)</script>"
    for url in (
        reverse("findings", args=[world.home.slug]),
        reverse("palette"),
        reverse("controls"),
        reverse("portfolio"),
    ):
        html = client.get(url, {"q": attack}).content.decode()
        assert attack not in html, url
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html, url


@pytest.mark.slow(seconds=1)
def test_an_empty_search_says_that_names_are_not_searched(
    world: World, sign_in: Callable[[Person], Client]
) -> None:
    client = sign_in(world.people["auditor"])
    for name in ("findings", "attestations"):
        url = reverse(name, args=[world.home.slug])
        for query, is_said in (({"q": "nothing-matches-this"}, True), ({}, False)):
            html = client.get(url, query).content.decode()
            assert ("only by their IDs, not by their names" in html) == is_said, (name, query)


def test_an_owner_is_told_that_only_their_findings_are_listed(
    world: World, sign_in: Callable[[Person], Client]
) -> None:
    url = reverse("findings", args=[world.home.slug]) + "?layout=list"
    html = sign_in(world.people["owner"]).get(url).content.decode()
    assert "You see only your own findings" in html
    assert world.of(world.home)["owned"].subject_name in html
    assert world.of(world.home)["finding"].subject_name not in html


@pytest.mark.slow(seconds=1)
def test_failures_come_first_within_a_severity(world: World, sign_in: Callable[[Person], Client]) -> None:
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


@pytest.mark.slow(seconds=1)
def test_open_groups_show_the_findings_that_they_count(
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


@pytest.mark.slow(seconds=1)
def test_bars_owners_and_dates_of_groups_load_later_if_there_are_many_findings(
    world: World, sign_in: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug]) + "?state=open"
    at_once = {group["control"]: group for group in client.get(url).context["groups"]}
    assert all(group["facts"] for group in at_once.values())
    monkeypatch.setattr("portal.web.findings.views.findings.MAX_FINDINGS_WITH_FACTS", 0)
    page = client.get(url)
    assert [group["facts"] for group in page.context["groups"]] == [None] * len(at_once)
    later = client.get(page.context["facts_url"])
    assert {group["control"]: group["facts"] for group in later.context["groups"]} == {
        control: group["facts"] for control, group in at_once.items()
    }
    assert later.content.decode().count('hx-swap-oob="true"') == 4 * len(at_once)
    # Without a script, the link to all counts opens a page with everything at once.
    assert all(group["facts"] for group in client.get(f"{url}&facets=all").context["groups"])


@pytest.mark.slow(seconds=1)
def test_the_page_lists_the_most_urgent_controls_and_links_to_all(
    world: World, sign_in: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug])
    everything = [group["control"] for group in client.get(f"{url}?controls=all").context["groups"]]
    monkeypatch.setattr("portal.web.findings.views.findings.MAX_GROUPS", 2)
    monkeypatch.setattr("portal.web.findings.views.findings.MAX_FINDINGS_WITH_FACTS", 0)
    page = client.get(url)
    assert [group["control"] for group in page.context["groups"]] == everything[:2]
    assert f"in {len(everything)} controls" in page.context["lead"]
    assert f"Show {len(everything) - 2} more controls" in page.content.decode()
    facts = client.get(page.context["facts_url"]).context["groups"]
    assert {group["control"] for group in facts} == set(everything[:2])
    opened = client.get(f"{url}?open={everything[-1]}").context["groups"]
    assert [group["control"] for group in opened] == [*everything[:2], everything[-1]]
    shown = client.get(url + page.context["all_groups_url"])
    assert [group["control"] for group in shown.context["groups"]] == everything
    assert not shown.context["more_groups"]


def test_controls_with_open_findings_come_first(world: World, sign_in: Callable[[Person], Client]) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug])
    failing = [group["failing"] for group in client.get(f"{url}?controls=all").context["groups"]]
    assert failing == sorted(failing, reverse=True)
    assert {True, False} == set(failing)


def test_groups_are_paged(
    world: World, sign_in: Callable[[Person], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.web.findings.views.findings.PER_GROUP", 1)
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug]) + "?open=storage-secure-transfer"
    group = next(
        one for one in client.get(url).context["groups"] if one["control"] == "storage-secure-transfer"
    )
    seen, more = [row["id"] for row in group["rows"]], group["more_url"]
    while more:
        page = client.get(more)
        seen += [row["id"] for row in page.context["rows"]]
        more = page.context["more_url"]
    assert len(seen) == len(set(seen)) == group["count"] == 3
    for malformed in ("-1", "x", "²", "9" * 30):
        assert client.get(f"{group['rows_url']}&from={malformed}").status_code == 200
