"""The portfolio: figures, order, filters and rows of customers."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Assessment, Finding
from portal.queries.portfolio.by_tenant import latest_assessments, open_by_control, score_histories
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Snapshot
from portal.web.portfolio.views import ending_note
from tenants.actions import grant_membership
from tenants.models import Membership, ServicePrincipal, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.tenant_overview.exceptions import approve_exception
from tests.portal.web.world import SignIn, World, make_customer

HOME = "Alder &amp; Finch Clinics"


def figure(html: str, show: str) -> tuple[str, str]:
    """Return (class of the value, value) of the figure whose link has the filter `show`."""
    found = re.search(rf'\?show={show}">.*?<span class="(value[^"]*)">(\d+)</span>', html)
    assert found, show
    return found[1], found[2]


def make_critical(tenant: Tenant, days: int = 0) -> None:
    """Make all failures of the customer critical, with a start `days` days ago."""
    with factories.in_tenant(tenant):
        Finding.objects.filter(outcome="fail").update(
            severity="critical", severity_rank=0, failing_since=timezone.now() - timedelta(days=days)
        )


@pytest.mark.slow(seconds=1)
def test_a_customer_with_overdue_critical_findings_comes_first(engineer: Client, world: World) -> None:
    late, _ = make_customer(world.organization, "Zebra Late", world.people["organization_engineer"])
    make_critical(late, days=30)
    make_critical(world.home)
    with factories.in_tenant(late):
        # Count the findings, because the number changes when the catalogue gets new controls.
        overdue = Finding.objects.filter(outcome="fail").count()
    html = page(engineer, "portfolio")
    assert html.index("Zebra Late</a>") < html.index(f"{HOME}</a>")
    assert overdue > 0
    assert figure(html, "overdue") == ("value role-fail", str(overdue))
    assert f"{overdue} critical overdue" in html
    assert f'href="/t/{late.slug}/findings/?due=overdue&amp;severity=critical"' in html
    by_name = page(engineer, "portfolio", query="?sort=name")
    assert by_name.index(f"{HOME}</a>") < by_name.index("Zebra Late</a>")
    assert "Needs attention" not in by_name
    turned = page(engineer, "portfolio", query="?sort=name&reverse=1")
    assert turned.index("Zebra Late</a>") < turned.index(f"{HOME}</a>")
    assert 'aria-sort="descending"' in turned


def test_numbers_are_red_only_above_zero(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        Finding.objects.filter(outcome="fail").update(severity="high", severity_rank=1)
    html = page(engineer, "portfolio")
    assert figure(html, "critical") == ("value", "0")
    make_critical(world.home)
    assert figure(page(engineer, "portfolio"), "critical")[0] == "value role-fail"


def test_exceptions_to_approve_are_counted_until_they_are_decided(engineer: Client, world: World) -> None:
    assert figure(page(engineer, "portfolio"), "approve") == ("value", "1")
    approve_exception(world)
    assert figure(page(engineer, "portfolio"), "approve") == ("value", "0")


def first_sentence(tenant: Tenant, words: str = "Start with") -> str:
    return f'{words} <a href="{reverse("tenant", args=[tenant.slug])}">{escape(tenant.name)}</a>:'


def test_a_customer_that_cannot_be_read_has_no_numbers(engineer: Client, world: World) -> None:
    with factories.in_tenant(world.home):
        ServicePrincipal.objects.update(last_error_code="AADSTS7000222", last_error="The secret has expired.")
    html = page(engineer, "portfolio")
    assert "Sign-in refused, nothing can be read" in html
    assert "Replace credential" in html
    principal = reverse("service-principal", args=[world.home.slug, world.of(world.home)["principal"].pk])
    assert f"{first_sentence(world.home)} Sign-in refused, nothing can be read." in " ".join(html.split())
    # The link is on the page twice: beside the first sentence, and in the row of the customer.
    assert html.count(f'href="{principal}">Replace credential</a>') == 2
    overview = page(engineer, "tenant", world.home.slug)
    assert "sign-in refused, credential" in overview.split("Connected with")[1]
    assert "Not known, last read" in html
    assert 'data-label="Critical"' not in html
    assert figure(html, "unread") == ("value role-fail", "1")


@pytest.mark.slow(seconds=1)
def test_the_first_sentence_names_the_customer_to_start_with(engineer: Client, world: World) -> None:
    other, _ = make_customer(world.organization, "Zebra Late", world.people["organization_engineer"])
    make_critical(other)
    with factories.in_tenant(world.home):
        Finding.objects.filter(outcome="fail").update(severity="low", severity_rank=3)
    place = reverse("findings", args=[other.slug])
    sentence = re.escape(first_sentence(other))
    action = rf'.*?<a class="btn" href="{place}[^"]*severity=critical">Fix critical</a>'
    for query in ("", "?label=", "?q=zebra"):
        html = page(engineer, "portfolio", query=query)
        assert re.search(sentence + action, " ".join(html.split()))
    # With another order, the page does not state what is urgent.
    assert "Start with" not in page(engineer, "portfolio", query="?sort=name")


def test_the_note_says_how_many_exceptions_in_force_end_soon() -> None:
    assert [ending_note(number) for number in (0, 1, 2)] == [
        "",
        "1 in force ends within 30 days",
        "2 in force end within 30 days",
    ]


@pytest.mark.slow(seconds=1)
def test_filters_by_name_label_and_attention(engineer: Client, world: World) -> None:
    other, _ = make_customer(world.organization, "Zebra Late", world.people["organization_engineer"])
    for tenant, labels in ((other, ["gold", "west & south"]), (world.home, ["gold"])):
        with factories.in_tenant(tenant):
            Tenant.objects.filter(pk=tenant.pk).update(labels=labels)
    make_critical(other)
    with factories.in_tenant(world.home):
        Finding.objects.filter(outcome="fail").update(severity="high", severity_rank=1)

    def shown(query: str) -> list[bool]:
        html = page(engineer, "portfolio", query=query)
        return [f"{name}</a>" in html for name in (HOME, "Zebra Late")]

    assert shown("") == [True, True]
    assert shown("?q=zEBRA") == [False, True]
    assert shown("?label=gold") == [True, True]
    assert shown(f"?label={quote('west & south')}") == [False, True]
    assert shown(f"?label=other&label={quote('west & south')}") == [False, True]
    assert shown("?show=critical") == [False, True]
    assert shown("?show=critical&q=alder") == [False, False]
    assert shown("?show=unheard&sort=unheard&page=x") == [True, True]
    assert "No customers match" in page(engineer, "portfolio", query="?q=nobody")


def test_the_score_is_compared_with_the_one_of_30_days_ago(engineer: Client, world: World) -> None:
    today = timezone.now().date()
    with factories.in_tenant(world.home):
        Snapshot.objects.filter(tenant=world.home).delete()
        Finding.objects.filter(outcome="fail").update(outcome="pass", state="passing", failing_since=None)
        for days, adjusted in ((40, 61.0), (31, 64.0), (29, 99.0)):
            Snapshot.objects.create(
                tenant=world.home, day=today - timedelta(days=days), score=1, adjusted=adjusted
            )
    html = page(engineer, "portfolio")
    score = re.search(r"Adjusted score:</span>(\d+)", html)
    assert score
    assert f"+{int(score[1]) - 64}" in html if int(score[1]) > 64 else f"−{64 - int(score[1])}" in html


def test_score_histories_hold_the_adjusted_score_of_each_day(world: World) -> None:
    today = timezone.now().date()
    with person_scope(world.people["organization_engineer"]):
        ((_, raw),) = score_histories([world.home.pk])[world.home.pk]
        days = [today - timedelta(days=number) for number in (2, 1, 0, 91)]
        for day, adjusted in zip(days, (61.0, None, 70.0, 5.0), strict=True):
            Snapshot.objects.create(tenant=world.home, day=day, score=1, adjusted=adjusted)
        assert score_histories([world.home.pk])[world.home.pk] == [
            (days[0], 61.0),
            (days[1], None),
            (days[2], 70.0),
        ]
        # If nothing could be read, the adjusted score is 0, because unanswered manual controls count as failures. The
        # history has no score for such a day.
        Snapshot.objects.filter(day=days[2]).update(score=None, adjusted=0)
        assert score_histories([world.home.pk])[world.home.pk][2] == (days[2], None)
    assert raw is not None


def test_open_findings_by_control_leave_out_excepted_ones(world: World) -> None:
    make_critical(world.home)
    by = world.people["organization_engineer"]
    with person_scope(by):
        before = dict(open_by_control([world.home.pk], "critical")[world.home.pk])
    approve_exception(world)
    with person_scope(by):
        after = dict(open_by_control([world.home.pk], "critical")[world.home.pk])
    assert sum(before.values()) - sum(after.values()) == 1


def test_stored_numbers_by_control_equal_counting(world: World) -> None:
    """The numbers by control come from the snapshot while it is valid. After a change, the findings are counted."""
    make_critical(world.home)
    approve_exception(world)
    with person_scope(world.people["organization_engineer"]):
        Snapshot.objects.filter(tenant=world.home).delete()
        counted = open_by_control([world.home.pk], "critical")
        with factories.in_tenant(world.home):
            take_snapshot(tenant=world.home)
        with CaptureQueriesContext(connection) as queries:
            stored = open_by_control([world.home.pk], "critical")
    assert stored == counted
    assert stored[world.home.pk]
    assert not any('FROM "assessments_finding"' in query["sql"] for query in queries.captured_queries)


def test_the_newest_assessment_of_each_customer_is_found(world: World) -> None:
    other = factories.tenant(world.organization, "Second customer")
    with factories.in_tenant(other):
        made = [
            Assessment.objects.create(
                tenant=other, number=number, catalogue_hash="0" * 64, product_version="1", **values
            )
            for number, values in enumerate(
                (
                    {"state": "finished", "ended_at": timezone.now(), "summary": {"units": {"done": 1}}},
                    {"state": "finished", "ended_at": timezone.now(), "summary": {"units": {"done": 2}}},
                    {"state": "cancelled", "ended_at": timezone.now(), "summary": {}},
                ),
                start=1,
            )
        ]
    ids = [world.home.pk, other.pk, world.foreign.pk]
    with person_scope(world.people["organization_engineer"]):
        newest = latest_assessments(ids, ended=False)
        ended = latest_assessments(ids, ended=True)
    assert (newest[other.pk], ended[other.pk]) == (made[2], made[1])
    assert set(newest) == {world.home.pk, other.pk}


def test_portfolio_shows_only_own_tenants(engineer: Client, world: World) -> None:
    html = page(engineer, "portfolio")
    assert HOME in html
    assert "Foreign Freight" not in html
    assert re.search(r"Credential ends in [89] days", html) or figure(html, "credentials")[1] == "1"


def test_auditors_are_told_what_they_audit_and_until_when(world: World, sign_in: SignIn) -> None:
    who = world.people["auditor"]
    html = page(sign_in(who), "portfolio")
    with person_scope(who):
        until = Membership.objects.get(person=who, role=Role.AUDITOR).valid_until
    assert until
    part = html.split("Your access as auditor")[1].split("</p>")[0]
    assert f'href="{reverse("audit-room", args=[world.home.slug])}"' in part
    assert f"{until:%Y-%m-%d}" in part
    for role in ("organization_engineer", "approver", "owner"):
        assert "Your access as auditor" not in page(sign_in(world.people[role]), "portfolio"), role


@pytest.mark.slow(seconds=1)
def test_owners_are_told_that_lists_have_fewer_findings_than_the_numbers(
    world: World, sign_in: SignIn
) -> None:
    sentence = (
        "Scores and counts include all findings of a customer. The lists to which this page links show only your"
        " findings."
    )
    assert sentence in page(sign_in(world.people["owner"]), "portfolio")
    for role in ("organization_engineer", "approver", "auditor", "tenant_administrator"):
        assert sentence not in page(sign_in(world.people[role]), "portfolio"), role


@pytest.mark.slow(seconds=1)
def test_a_customer_can_be_registered_from_the_portfolio(world: World, sign_in: SignIn) -> None:
    """People who may not register customers see no button."""
    url = reverse("customer-register", args=[world.organization.slug])
    button = f'<a class="btn" href="{url}">'
    assert button in page(sign_in(world.people["organization_administrator"]), "portfolio")
    for role in ("approver", "auditor", "owner", "tenant_administrator"):
        assert button not in page(sign_in(world.people[role]), "portfolio"), role


def test_a_person_whose_role_has_not_started_is_told_so(world: World, sign_in: SignIn) -> None:
    sentence = "your role has not started yet"
    who = factories.person()
    assert sentence not in page(sign_in(who), "portfolio")
    administrator = world.people["organization_administrator"]
    with person_scope(administrator):
        grant_membership(
            by=administrator,
            person=who,
            organization=world.organization,
            tenant=world.home,
            role=Role.APPROVER,
        )
    html = page(sign_in(who), "portfolio")
    assert sentence in html
    assert HOME not in html
    assert sentence not in page(sign_in(world.people["approver"]), "portfolio")
