"""The inbox, and the register with its filters and its export."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.models import ExceptionItem, FindingException
from portal.web.exceptions import page as exception_page
from portal.web.exceptions.rows import pending
from tests import factories
from tests.portal.web.exceptions.requests import act, detail, numbers, page
from tests.portal.web.treatments import approved, ask, failing, give
from tests.portal.web.world import SignIn, World


def test_an_approver_sees_pending_exceptions_first(approver: Client, world: World) -> None:
    mine = ask(world, by="approver", reason="The approver wants one too.")
    html = page(approver, world)
    waiting = html.split("Waiting for a decision</h2>")[1].split("<h2>Register</h2>")[0]
    assert "The public site reads from it." in waiting
    assert "The approver wants one too." in waiting
    assert 'href="/t/alder-finch-clinics/exceptions/" aria-current="page"' in html
    assert re.search(r'class="count">1<span', html), "one waits, besides one's own"
    assert "Decision</h2>" not in detail(approver, world, mine)


def test_an_exception_that_was_returned_waits_since_its_return(world: World) -> None:
    returned = approved(world, days=20)
    requested = ask(world, by="approver", reason="A second one.")
    assert returned.requested_at < requested.requested_at
    with factories.in_tenant(world.home):
        rows = FindingException.objects.filter(tenant=world.home)
        rows.filter(pk=returned.pk).update(
            state=FindingException.State.RETURNED, returned_at=timezone.now(), returned_because="rule"
        )
        assert [row.pk for row in pending(rows)][-2:] == [requested.pk, returned.pk]


def test_people_who_cannot_decide_have_no_inbox(engineer: Client, world: World) -> None:
    html = page(engineer, world)
    assert "Waiting for a decision" not in html
    assert 'class="count"><span' not in html
    assert numbers(html) == [1]


@pytest.mark.slow(seconds=1)
def test_an_empty_inbox_and_an_empty_register_say_what_to_do(world: World, sign_in: SignIn) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    for role in ("organization_engineer", "organization_administrator"):
        html = sign_in(world.people[role]).get(reverse("exceptions", args=[bare.slug])).content.decode()
        assert "open the finding and request an exception" in html
        assert "Export CSV" not in html
    act(sign_in(world.people["approver"]), world, "approve", world.of(world.home)["exception"])
    assert "No requests to decide" in page(sign_in(world.people["approver"]), world)


def test_exceptions_that_end_soon_have_their_own_list(engineer: Client, world: World) -> None:
    approved(world, days=20, reason="It ends in three weeks.")
    html = page(engineer, world)
    soon = html.split("Ending within 30 days</h2>")[1].split("<h2>Register</h2>")[0]
    assert "It ends in three weeks." in soon
    assert "The public site reads from it." not in soon


def test_the_register_shows_when_a_refused_exception_ended(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    act(approver, world, "refuse", exception, **{"refuse-note": "Fix it this week."})
    with factories.in_tenant(world.home):
        exception.refresh_from_db()
    assert exception.ended_at < exception.ends_at
    rows = approver.get(reverse("exceptions", args=[world.home.slug])).context["rows"]
    (row,) = (row for row in rows if row["number"] == exception.number)
    assert row["ends_at"] == exception.ended_at


@pytest.mark.slow(seconds=1)
def test_the_register_is_filtered(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    approved(world, days=20)
    ask(world, by="approver", rule={"section": "storage"}, maximum=50)
    who = world.people["approver"].pk
    control = own["finding"].control
    shown = {
        query: numbers(page(engineer, world, query))
        for query in (
            "", "?state=active", "?state=active&state=requested", f"?asked={who}", f"?control={control}",
            "?ending=30", "?ending=7", f"?state=requested&asked={who}&control={control}",
        )
    }  # fmt: skip
    assert shown == {
        "": [3, 2, 1],
        "?state=active": [2],
        "?state=active&state=requested": [3, 2, 1],
        f"?asked={who}": [3],
        f"?control={control}": [3, 1],
        "?ending=30": [2],
        "?ending=7": [],
        f"?state=requested&asked={who}&control={control}": [3],
    }
    assert "No matching exceptions" in page(engineer, world, "?ending=7")


@pytest.mark.parametrize(
    "query",
    ["?state=x", "?asked=x", "?asked=%00", "?control=%00", "?ending=x", "?ending=9", "?page=x", "?page=999"],
)
def test_malformed_addresses_are_answered(engineer: Client, world: World, query: str) -> None:
    html = page(engineer, world, query)
    assert numbers(html) == ([1] if "page" in query else [])


def test_the_export_follows_the_filters(engineer: Client, world: World) -> None:
    ask(world, reason="=HYPERLINK(1) is no formula here.")
    url = reverse("exceptions-export", args=[world.home.slug])
    answer = engineer.get(url)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="exceptions-alder')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["number"], row["state"], row["findings"]) for row in rows] == [
        ("2", "requested", "1"),
        ("1", "requested", "1"),
    ]
    assert rows[0]["reason"] == "'=HYPERLINK(1) is no formula here."
    assert rows[1]["requested by"] == "Mira Okafor <engineer@example.com>"
    assert "Foreign" not in answer.content.decode()
    filtered = engineer.get(url + "?state=active").content.decode("utf-8-sig")
    assert len(filtered.splitlines()) == 1


def test_the_palette_finds_both_pages(engineer: Client, world: World) -> None:
    html = engineer.get(reverse("palette") + f"?q=e&tenant={world.home.slug}").content.decode()
    assert reverse("exceptions", args=[world.home.slug]) in html
    assert reverse("attestations", args=[world.home.slug]) in html


@pytest.mark.slow(seconds=1)
def test_the_number_of_queries_does_not_grow(approver: Client, world: World) -> None:
    exception = ask(world, findings=2)
    addresses = [
        reverse("exceptions", args=[world.home.slug]),
        reverse("exception", args=[world.home.slug, exception.pk]),
    ]

    def count() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert approver.get(address).status_code == 200
            found.append(len(queries))
        return found

    approver.get(addresses[0])
    approved(world, days=10)
    few = count()
    for number in range(4):
        approved(world, days=10 + number, findings=2)
        ask(world, findings=3)
    with factories.in_tenant(world.home):
        items = [
            ExceptionItem(tenant=world.home, exception=exception, finding=row, requested_sha256="a" * 64)
            for row in Finding.objects.exclude(pk__in=exception.items.values("finding"))[:20]
        ]
        ExceptionItem.objects.bulk_create(items)
    assert count() == few


@pytest.mark.slow(seconds=1)
def test_an_owner_sees_their_findings_and_the_number_of_others(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    exception = ask(world, findings=3)
    owned = failing(world)[-1]
    owner = sign_in(world.people["owner"])
    url = reverse("exception", args=[world.home.slug, exception.pk])
    assert owner.get(url).status_code == 404
    assert "No exceptions" in page(owner, world)
    give(world, owned, world.people["owner"])
    html = owner.get(url).content.decode()
    assert reverse("finding", args=[world.home.slug, owned.pk]) in html
    assert "You cannot see 2 more findings, because you do not own them." in " ".join(html.split())
    assert html.count('class="item card"') == 1
    with monkeypatch.context() as context:
        context.setattr(exception_page, "PER_PAGE", 2)
        parts = [" ".join(owner.get(f"{url}?page={number}").content.decode().split()) for number in (1, 2)]
    assert any("on this page, because you do not own" in part for part in parts)
    by_rule = ask(world, rule={"section": "storage"}, maximum=50)
    html = detail(owner, world, by_rule)
    assert "Every failing finding where section is Storage accounts." in html
    assert "Matching now" not in html
    assert numbers(page(owner, world)) == [by_rule.number, exception.number]


def test_subscriptions_are_named_instead_of_their_ids(engineer: Client, world: World) -> None:
    """Two exceptions refer to a subscription: one covers a finding on it, and the rule of the other contains its id."""
    subscription = world.of(world.home)["subscription"]
    scope = f"/subscriptions/{subscription.subscription_id}"
    finding = failing(world)[-1]
    one = ask(world)
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=finding.pk).update(subject=scope, subject_name=subscription.subscription_id)
    ask(world, rule={"unit": scope}, maximum=50)
    html = page(engineer, world)
    assert subscription.subscription_id not in html
    assert html.count(subscription.display_name) >= 2
    assert f"subscription or directory is {subscription.display_name}" in html
    export = engineer.get(reverse("exceptions-export", args=[world.home.slug])).content.decode()
    assert f"subscription or directory is {subscription.display_name}" in export
    heading = detail(engineer, world, one).partition('class="item card"')[2].partition("</h")[0]
    assert subscription.display_name in heading
    assert subscription.subscription_id not in heading
