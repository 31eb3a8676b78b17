"""Bulk actions change the findings that the list showed, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import Batch, Treatment
from tests import factories
from tests.portal.web.random_findings import populate
from tests.portal.web.world import SignIn, World


def said(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))  # type: ignore[attr-defined]


def post(client: Client, world: World, **data: Any) -> HttpResponse:
    return client.post(reverse("findings-bulk", args=[world.home.slug]), data)  # type: ignore[return-value]


def shown(client: Client, world: World, query: str) -> tuple[set[Any], int]:
    """Return the ids on all pages of the list, and the count that the first page shows."""
    url = reverse("findings", args=[world.home.slug]) + f"?layout=list&{query}"
    first = client.get(url)
    pages = first.context["page"].paginator.num_pages if first.context["count"] else 0
    ids = {
        row["id"]
        for number in range(1, pages + 1)
        for row in client.get(f"{url}&page={number}").context["rows"]
    }
    return ids, first.context["count"]


def owners(world: World) -> dict[Any, Any]:
    with factories.in_tenant(world.home):
        return dict(Treatment.objects.filter(owner__isnull=False).values_list("finding_id", "owner_id"))


@pytest.fixture
def crowded(world: World) -> World:
    """Add findings of every kind to the home tenant."""
    with factories.in_tenant(world.home):
        people = [world.people["owner"], world.people["tenant_administrator"]]
        populate(world.home, people, timezone.now(), seed=5, count=90)
    return world


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(
    "query",
    ["", "state=open", "due=overdue&owner=nobody", "q=account1&verdict=fail", "state=excepted"],
)
def test_all_matching_findings_are_those_that_were_shown(crowded: World, sign_in: SignIn, query: str) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    ids, count = shown(client, crowded, query)
    assert len(ids) == count > 0
    before = owners(crowded)
    new = crowded.people["organization_administrator"]
    post(client, crowded, action="assign", owner=str(new.pk), q=query, count=str(count))
    after = owners(crowded)
    assert {pk for pk, owner in after.items() if owner == new.pk} == ids
    assert {pk: owner for pk, owner in after.items() if pk not in ids} == {
        pk: owner for pk, owner in before.items() if pk not in ids
    }


@pytest.mark.slow(seconds=1)
def test_nothing_changes_if_the_list_has_changed(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    _, count = shown(client, crowded, "state=open")
    before = owners(crowded)
    for given in (str(count + 1), "", "x"):
        response = post(client, crowded, action="assign", owner="", q="state=open", count=given)
        assert "Nothing was changed" in said(response)
        assert owners(crowded) == before


@pytest.mark.slow(seconds=1)
def test_the_query_wins_over_ticked_rows(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    ids, count = shown(client, crowded, "severity=low&verdict=fail")
    outside, _ = shown(client, crowded, "severity=critical")
    new = crowded.people["organization_administrator"]
    post(
        client, crowded, action="assign", owner=str(new.pk), q="severity=low&verdict=fail", count=str(count),
        finding=[str(pk) for pk in outside],
    )  # fmt: skip
    assert {pk for pk, owner in owners(crowded).items() if owner == new.pk} == ids


@pytest.mark.slow(seconds=1)
def test_changes_and_skips_are_reported_and_can_be_undone(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    failing, _ = shown(client, crowded, "state=open")
    passing, _ = shown(client, crowded, "state=passing")
    picked = [str(pk) for pk in [*sorted(failing)[:3], *sorted(passing)[:2]]]
    response = post(client, crowded, action="acknowledge", finding=picked, plan="Next sprint", planned_for="")
    assert "Acknowledged 3 findings. 2 skipped: findings that" in said(response)
    assert shown(client, crowded, "state=acknowledged")[0] >= set(sorted(failing)[:3])
    with factories.in_tenant(crowded.home):
        batch = Batch.objects.filter(kind="acknowledge").latest("at")
    client.post(reverse("batch-undo", args=[crowded.home.slug, batch.pk]))
    assert shown(client, crowded, "state=open")[0] == failing


@pytest.mark.slow(seconds=2)
def test_claiming_keeps_existing_owners(crowded: World, sign_in: SignIn) -> None:
    me = crowded.people["organization_engineer"]
    client = sign_in(me)
    before = owners(crowded)
    _, count = shown(client, crowded, "")
    post(client, crowded, action="claim", q="", count=str(count))
    after = owners(crowded)
    assert {pk: after[pk] for pk in before} == before
    assert set(after.values()) - set(before.values()) <= {me.pk}
    visible = shown(client, crowded, "")[0]
    assert len([owner for owner in after.values() if owner == me.pk]) == count - len(
        [pk for pk in before if pk in visible]
    ) + len([owner for owner in before.values() if owner == me.pk])


def test_an_owner_changes_only_their_own_findings(crowded: World, sign_in: SignIn) -> None:
    owner = crowded.people["owner"]
    client = sign_in(owner)
    mine, count = shown(client, crowded, "")
    assert mine == {pk for pk, who in owners(crowded).items() if who == owner.pk} & mine
    with factories.in_tenant(crowded.home):
        others = Finding.objects.filter(outcome="fail", gone_at=None).exclude(treatment__owner=owner)
        foreign = others.first()
    assert foreign is not None
    response = post(client, crowded, action="acknowledge", finding=[str(foreign.pk)])
    assert response.status_code == 404
    post(client, crowded, action="acknowledge", q="", count=str(count))
    with factories.in_tenant(crowded.home):
        taken = set(Treatment.objects.filter(acknowledged_by=owner).values_list("finding__treatment__owner"))
        new = Treatment.objects.filter(acknowledged_by=owner).exclude(owner=owner)
        assert not [row for row in new if row.acknowledged_at and row.plan]
    assert (owner.pk,) in taken
    assert post(client, crowded, action="assign", owner="", q="", count=str(count)).status_code == 403


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"action": "assign", "owner": ""}, "Select at least one"),
        ({"action": "nonsense"}, "Choose an action"),
        ({}, "Choose an action"),
        ({"action": "assign", "owner": "00000000-0000-4000-8000-000000000000", "q": "state=open"}, "owner"),
        ({"action": "acknowledge", "q": "state=open", "planned_for": "31.12."}, "date"),
        ({"action": "acknowledge", "q": "state=passing", "plan": "x"}, "No finding was acknowledged"),
    ],
)
def test_invalid_requests_are_explained(
    crowded: World, sign_in: SignIn, data: dict[str, str], words: str
) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    if "q" in data:
        data = {**data, "count": str(shown(client, crowded, data["q"])[1])}
    before = owners(crowded)
    response = post(client, crowded, **data)
    assert response.status_code == 302
    assert words in said(response)
    assert owners(crowded) == before


def test_the_return_address_keeps_filters_and_stays_on_the_site(crowded: World, sign_in: SignIn) -> None:
    client = sign_in(crowded.people["organization_engineer"])
    back = "state=open&severity=high&open=vm-old&page=2&next=https://example.com"
    response = post(client, crowded, action="claim", next_query=back)
    assert response["Location"] == (
        reverse("findings", args=[crowded.home.slug]) + "?severity=high&state=open&open=vm-old&page=2"
    )


def test_a_reader_cannot_select_findings(crowded: World, sign_in: SignIn) -> None:
    html = (
        sign_in(crowded.people["auditor"]).get(reverse("findings", args=[crowded.home.slug])).content.decode()
    )
    assert 'name="finding"' not in html
    assert "Assign" not in html
