"""The facets' counts against counting by hand, and filters that come from anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from assessments.models import Finding
from portal.web.filters import COLUMNS, FindingFilter, Slice
from tenants.models import Person
from tests import factories
from tests.web.world import World

QUERIES = [
    "",
    "severity=high",
    "severity=high&severity=medium&verdict=fail",
    "verdict=unknown&section=network",
    "section=storage&q=anonymous",
    "q=ANONYMOUS%20blobs",
    "q=100%25",
    "control=storage-anonymous-access-disallowed&state=open",
    "state=gone",
    "state=gone&state=open",
    "severity=nonsense",
]


def by_hand(rows: list[Finding], chosen: FindingFilter, *, without: str = "") -> list[Finding]:
    words = chosen.q.casefold().split()
    found = []
    for row in rows:
        text = [row.subject.casefold(), row.control.casefold(), row.reason.casefold()]
        if not all(any(word in part for part in text) for word in words):
            continue
        wanted = {name: values for name, values in chosen.values.items() if name != without}
        if any(getattr(row, COLUMNS[name]) not in values for name, values in wanted.items()):
            continue
        if row.state == "gone" and without != "state" and "gone" not in chosen.values.get("state", []):
            continue
        found.append(row)
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_counts_are_those_of_counting_by_hand(world: World, query: str) -> None:
    chosen = FindingFilter.from_query(QueryDict(query))
    with factories.in_tenant(world.home):
        # two subjects that are no longer there
        gone = Finding.objects.filter(tenant=world.home, outcome="pass")[:2]
        Finding.objects.filter(pk__in=[row.pk for row in gone]).update(
            state="gone", gone_at=gone[0].changed_at
        )
        rows = list(Finding.objects.filter(tenant=world.home))
        part = Slice.of(Finding.objects.filter(tenant=world.home), chosen)
        listed = set(chosen.apply(Finding.objects.filter(tenant=world.home)).values_list("pk", flat=True))
    expected = by_hand(rows, chosen)
    assert listed == {row.pk for row in expected}
    assert part.count == len(expected)
    assert part.everything == sum(row.state != "gone" for row in rows)
    assert dict(part.by_control) == dict(Counter(row.control for row in expected))
    for name, column in COLUMNS.items():
        others = by_hand(rows, chosen, without=name)
        assert dict(part.counts[name]) == dict(Counter(getattr(row, column) for row in others)), name


@pytest.mark.parametrize(
    "query",
    ["?page=0", "?page=-1", "?page=x", "?page=999999999999", "?severity=%00", "?q=%00%ff", "?q=" + "x" * 5000,
     "?control=../../etc", "?subscription=%27%3B--", "?state=", "?unknown=1"],
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


def test_an_owner_is_told_why_the_list_is_empty(world: World, sign_in: Callable[[Person], Client]) -> None:
    html = sign_in(world.people["owner"]).get(reverse("findings", args=[world.home.slug])).content.decode()
    assert "You see the findings that you own" in html
    assert world.of(world.home)["finding"].subject_name not in html


def test_of_a_severity_what_fails_comes_first(world: World, sign_in: Callable[[Person], Client]) -> None:
    client = sign_in(world.people["organization_engineer"])
    url = reverse("findings", args=[world.home.slug])
    rows = [
        row
        for number in range(1, client.get(url).context["page"].paginator.num_pages + 1)
        for row in client.get(f"{url}?page={number}").context["rows"]
    ]
    severities = ["critical", "high", "medium", "low"]
    outcomes = ["fail", "unknown", "manual", "pass", "not_applicable"]
    order = [
        (severities.index(row["severity"]), outcomes.index(row["outcome"]), row["control"]) for row in rows
    ]
    assert order == sorted(order)
    assert {"fail", "unknown", "pass"} <= {row["outcome"] for row in rows}
    groups = Counter((row["control"], row["outcome"]) for row in rows)
    assert {(row["control"], row["outcome"]): row["in_group"] for row in rows} == dict(groups)
