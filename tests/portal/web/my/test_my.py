"""Home page: the person's own work across all tenants, and no work of other people."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Finding
from portal.changes.models import ResourceChange
from portal.treatment.actions.comments import add_comment
from portal.treatment.due_dates import due_at
from portal.treatment.models import Treatment
from portal.treatment.states import ACTIONABLE, WITH_DUE_DATE, shown_state
from portal.web.my import page as my_page
from tenants.actions.archiving import archive_tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.random_findings import populate
from tests.portal.web.world import SignIn, World


@pytest.mark.slow(seconds=1)
def test_sections_equal_counting_by_hand(world: World, sign_in: SignIn) -> None:
    owner, now = world.people["owner"], timezone.now()
    # `populate` sets times that differ from the given time by whole hours. With a time five minutes ago, no due date
    # passes between `now` and the request.
    earlier = now - timedelta(minutes=5)
    other = factories.tenant(world.organization, "Second customer")
    factories.member(Role.OWNER, other, owner)
    other.due_days = {"critical": 3, "high": 200}
    rows = []
    for tenant, seed in ((world.home, 3), (other, 4)):
        with factories.in_tenant(tenant):
            tenant.save()
            populate(tenant, [owner, world.people["approver"]], earlier, seed)
            mine = Finding.objects.filter(tenant=tenant, treatment__owner=owner, gone_at=None)
            rows += [
                (tenant, row) for row in mine.annotate(shown=shown_state(now)) if row.shown in ACTIONABLE
            ]
    context = sign_in(owner).get(reverse("my")).context
    parts = {part.title: part for part in context["sections"]}
    dues = {row.pk: due_at(tenant, row) if row.shown in WITH_DUE_DATE else None for tenant, row in rows}
    overdue = [pk for pk, due in dues.items() if due and due < now]
    soon = [pk for pk, due in dues.items() if due and now <= due < now + timedelta(days=7)]
    assert parts["Overdue"].count == len(overdue) > 0
    assert parts["Due within 7 days"].count == len(soon) > 0
    fresh = {row.pk for _, row in rows if row.shown in WITH_DUE_DATE} - {*overdue, *soon}
    assert parts["New in the last 7 days"].count == len(fresh)
    assert {row["id"] for row in parts["Overdue"].rows} <= set(overdue)
    # The most severe findings come first; of equally severe ones, those that have been late for the longest time.
    severities = {row.pk: Finding.Severity.values.index(row.severity) for _, row in rows}
    first = [(severities[row["id"]], dues[row["id"]]) for row in parts["Overdue"].rows]
    assert first == sorted((severities[pk], dues[pk]) for pk in overdue)[: len(first)]
    critical = sum(severities[pk] == 0 for pk in overdue)
    assert critical > 0
    html = " ".join(sign_in(owner).get(reverse("my")).content.decode().split())
    assert f"{len(overdue)} of your findings are overdue, {critical} of them critical." in html
    start = parts["Overdue"].rows[0]
    assert f'Start with <a href="{start["url"]}">' in html
    todo = {customer.tenant.pk: customer.needing_work for customer in context["customers"]}
    assert todo == {tenant.pk: sum(t == tenant for t, _ in rows) for tenant in (world.home, other)}
    manual = [row.pk for _, row in rows if row.outcome == "manual"]
    assert parts["Waiting for your answer"].count >= len(manual) > 0


@pytest.mark.parametrize(
    ("overdue", "critical", "text"),
    [(1, 0, ""), (1, 1, ", and it is critical"), (2, 1, ", 1 of them critical")],
)
def test_the_headline_says_how_many_overdue_findings_are_critical(
    overdue: int, critical: int, text: str
) -> None:
    assert my_page.critical_part(overdue, critical) == text


@pytest.mark.slow(seconds=1)
def test_links_state_a_number_only_if_their_list_has_this_number(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = world.people["owner"]
    with factories.in_tenant(world.home):
        populate(world.home, [owner, world.people["approver"]], timezone.now() - timedelta(minutes=5), 3)
    monkeypatch.setattr(my_page, "MAX_ROWS", 1)
    client = sign_in(owner)
    answer = client.get(reverse("my"))
    html = " ".join(answer.content.decode().split())
    shown = {section.key: section for section in answer.context["sections"] if section.count > 1}
    assert {"overdue", "new"} <= set(shown)
    for section in shown.values():
        ((tenant, number, url),) = section.links
        text = re.search(rf'<a href="{re.escape(escape(url))}">([^<]+)</a>', html)
        assert text is not None, section.key
        listed = client.get(url).context["count"]
        if section.wider_list:
            assert text[1].strip() == escape(tenant.name)
            assert listed >= number
        else:
            assert text[1].strip() == f"{escape(tenant.name)} ({number})"
            assert listed == number


def test_the_page_omits_findings_of_others_and_of_lost_tenants(world: World, sign_in: SignIn) -> None:
    owner = world.people["owner"]
    theirs = world.of(world.foreign)["finding"]
    with factories.in_tenant(world.foreign):
        Treatment.objects.update_or_create(
            finding=theirs,
            defaults={
                "tenant": world.foreign,
                "owner": owner,
                "owner_source": "hand",
                "owned_at": timezone.now(),
            },
        )
    html = sign_in(owner).get(reverse("my")).content.decode()
    assert theirs.subject_name not in html
    assert world.foreign.name not in html
    assert world.of(world.home)["owned"].subject_name in html
    assert world.of(world.home)["finding"].subject_name not in html


def test_own_requests_and_mentions_are_listed(world: World, sign_in: SignIn) -> None:
    owner, engineer = world.people["owner"], world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        add_comment(
            finding=world.of(world.home)["owned"], by=engineer, body=f"@{owner.email} can you close it?"
        )
    context = sign_in(owner).get(reverse("my")).context
    assert [comment.body for comment in context["mentions"]] == [f"@{owner.email} can you close it?"]
    assert context["requests"] == []
    answer = sign_in(engineer).get(reverse("my"))
    asked = dict(answer.context["requests"])
    found = world.of(world.home)["exception"]
    # Requests are named by the problem, not only by a number.
    assert asked[found]
    assert f">{asked[found]}</a>" in answer.content.decode()


def test_unexpected_changes_are_listed_by_due_date(
    world: World, sign_in: SignIn, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, now = world.people["owner"], timezone.now()
    assert "Unexpected changes" not in sign_in(owner).get(reverse("my")).content.decode()
    with factories.in_tenant(world.home):
        row = ResourceChange.objects.get(pk=world.of(world.home)["change"].pk)
        others = [("expected", owner), ("unexpected", world.people["organization_engineer"])]
        mine = [("unexpected", owner)] * 3
        for number, (state, who) in enumerate([*others, *mine]):
            row.pk, row.key, row.name, row._state.adding = None, str(number), f"account{number}", True
            row.state, row.owner, row.due_at = state, who, now + timedelta(days=3 - number)
            row.save()
    with factories.in_tenant(world.foreign):
        theirs = ResourceChange.objects.filter(pk=world.of(world.foreign)["change"].pk)
        theirs.update(state="unexpected", owner=owner, due_at=now)
    monkeypatch.setattr(my_page, "MAX_ROWS", 2)
    with person_scope(owner), django_assert_num_queries(1):
        found = my_page.unexpected_changes(owner, now)
    assert [found_row["change"].name for found_row in found.rows] == ["account4", "account3"]
    assert (found.count, found.overdue) == (3, 1)
    html = " ".join(sign_in(owner).get(reverse("my")).content.decode().split())
    assert "First 2 of 3, by due date" in html
    address = found.rows[0]["url"]
    assert address in html
    assert sign_in(owner).get(address).status_code == 200
    with factories.in_tenant(world.home):
        archive_tenant(tenant=world.home, by=world.people["organization_administrator"], reason="Left")
    with person_scope(owner):
        assert my_page.unexpected_changes(owner, now).count == 0


def test_an_approver_is_led_to_pending_exceptions(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.people["approver"]).get(reverse("my"))
    assert [(tenant, count) for tenant, count in response.context["to_decide"]] == [(world.home, 1)]
    assert reverse("exceptions", args=[world.home.slug]) in response.content.decode()
    for role in ("owner", "organization_engineer"):
        assert sign_in(world.people[role]).get(reverse("my")).context["to_decide"] == []


@pytest.mark.parametrize(
    ("role", "start"), [(Role.OWNER, "/my/"), (Role.TENANT_ADMINISTRATOR, "/t/one-customer/")]
)
def test_signing_in_leads_to_the_role_s_home(db: None, role: Role, start: str) -> None:
    tenant = factories.tenant(slug="one-customer")
    person = factories.member(role, tenant)
    client = Client()
    response = client.post(reverse("account_login"), {"login": person.email, "password": factories.PASSWORD})
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert client.get(reverse("home"))["Location"] == start


def test_administrators_of_several_customers_start_in_the_portfolio(world: World, sign_in: SignIn) -> None:
    who = world.people["tenant_administrator"]
    client = sign_in(who)
    assert client.get(reverse("home"))["Location"] == reverse("tenant", args=[world.home.slug])
    factories.member(Role.TENANT_ADMINISTRATOR, factories.tenant(world.organization, "Second"), who)
    assert client.get(reverse("home"))["Location"] == reverse("portfolio")


def test_a_requested_page_comes_before_the_home(db: None) -> None:
    tenant = factories.tenant()
    person = factories.member(Role.OWNER, tenant)
    wanted = reverse("findings", args=[tenant.slug])
    response = Client().post(
        f"{reverse('account_login')}?next={wanted}",
        {"login": person.email, "password": factories.PASSWORD, "next": wanted},
    )
    assert response["Location"] == wanted


def test_an_empty_home_says_what_to_do(world: World, sign_in: SignIn) -> None:
    html = sign_in(world.people["auditor"]).get(reverse("my")).content.decode()
    assert "No findings assigned to you" in html


@pytest.mark.slow(seconds=1)
def test_an_owner_in_many_customers_gets_short_lists(world: World, sign_in: SignIn) -> None:
    """The page lists the first twelve customers, or all on request. A section links to the lists of five customers."""
    owner, now = world.people["owner"], timezone.now() - timedelta(minutes=5)
    for number in range(my_page.MAX_CUSTOMERS):
        other = factories.tenant(world.organization, f"Other {number:02}")
        factories.member(Role.OWNER, other, owner)
        with factories.in_tenant(other):
            populate(other, [owner], now, number)
    client = sign_in(owner)
    answer = client.get(reverse("my"))
    html = " ".join(answer.content.decode().split())
    customers = my_page.MAX_CUSTOMERS + 1
    assert len(answer.context["customers"]) == my_page.MAX_CUSTOMERS
    assert f'<a href="?all=1">Show {customers - my_page.MAX_CUSTOMERS} more customer</a>' in html
    overdue = next(part for part in answer.context["sections"] if part.key == "overdue")
    assert overdue.count > len(overdue.rows)
    assert len(overdue.links) == my_page.MAX_LINKS
    numbers = [number for _, number, _ in overdue.links]
    assert numbers == sorted(numbers, reverse=True)
    assert f"{overdue.links[0][0].name} ({numbers[0]})</a>" in html
    assert f"and of {overdue.more_customers} more customer" in html
    assert len(client.get(reverse("my") + "?all=1").context["customers"]) == customers


def test_the_number_of_a_customer_is_that_of_its_list(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.people["owner"])
    rows = client.get(reverse("my")).context["customers"]
    assert rows
    for row in rows:
        assert client.get(row.url).context["count"] == row.needing_work > 0
