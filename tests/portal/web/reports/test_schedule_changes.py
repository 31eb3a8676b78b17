"""Changing a report schedule that somebody else changes too, pausing a schedule, and handing it over."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.distribution.actions.notices import ADDED_BY_OPERATOR, RESPONSIBLE_LEFT
from portal.distribution.actions.offboarding import hand_over_schedules
from portal.distribution.actions.runs import RETRY_AFTER, run_now
from portal.distribution.actions.schedules import add_schedule, change_schedule
from portal.distribution.models import OrganizationReportSchedule, ReportRun, ReportSchedule
from portal.distribution.tasks import run
from portal.notify.models import Notice
from portal.reports.models import Report
from tenants.errors import InvalidInput
from tenants.models import Membership, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.distribution.schedules import choices, end_build, report_of
from tests.portal.web.forms import filled
from tests.portal.web.world import SignIn, World

TYPED = {
    "name": "Both", "kind": "executive", "framework": "cis-6.0.0", "frequency": "monthly", "day": "1",
    "time": "06:00", "window": "0", "addresses": "it@contoso.example", "classification": "Confidential",
}  # fmt: skip


@pytest.fixture
def engineer(world: World) -> Person:
    return world.people["organization_engineer"]


@pytest.fixture
def client(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_administrator"])


@pytest.fixture(params=["customer", "organization"])
def place(request: pytest.FixtureRequest, world: World, engineer: Person) -> tuple[str, Any]:
    """Return the address of the form that changes a schedule, and the schedule."""
    if request.param == "customer":
        with factories.in_tenant(world.home):
            row = add_schedule(place=world.home, by=engineer, choices=choices(name="Both"))
        return reverse("report-schedule", args=[world.home.slug, row.pk]), row
    with organization_scope(world.organization):
        row = add_schedule(place=world.organization, by=engineer, choices=choices(name="Both"))
    return reverse("organization-report-schedule", args=[world.organization.slug, row.pk]), row


def stored(world: World, row: Any) -> Any:
    with organization_scope(world.organization):
        return type(row).objects.get(pk=row.pk)


def start_of(client: Client, url: str) -> str:
    found = re.search(r'name="start" value="([^"]*)"', client.get(url).content.decode())
    assert found
    return unescape(found[1])


def test_saved_schedule_names_addresses_that_must_be_confirmed_again(
    client: Client, world: World, place: tuple[str, Any]
) -> None:
    url, _ = place
    for typed, told in (
        ({}, "No report is sent to it@contoso.example until an administrator confirms this address."),
        (
            {"addresses": "it@contoso.example\nit2@contoso.example", "kind": "full"},
            "saved. No report is sent to it@contoso.example until an administrator confirms this address.",
        ),
    ):
        answer = client.post(url, TYPED | typed | {"start": start_of(client, url)}, follow=True)
        assert told in unescape(answer.content.decode()), typed


def test_a_classification_that_the_form_does_not_offer_stays(
    client: Client, world: World, place: tuple[str, Any]
) -> None:
    """The form must keep any classification, because the API, configuration files and commands accept any text."""
    url, row = place
    with organization_scope(world.organization):
        type(row).objects.filter(pk=row.pk).update(classification="Strictly confidential")
    shown = filled(client.get(url).content.decode())
    assert client.post(url, {**shown, "name": "Renamed"}).status_code == 302
    assert (stored(world, row).name, stored(world, row).classification) == (
        "Renamed",
        "Strictly confidential",
    )


def test_the_form_says_that_the_frequency_does_not_change_what_is_compared(
    client: Client, place: tuple[str, Any]
) -> None:
    html = " ".join(unescape(client.get(place[0]).content.decode()).split())
    assert (
        "A change report always compares the newest complete assessment with the complete assessment" in html
    )


def test_second_person_gets_both_versions(
    world: World, client: Client, engineer: Person, place: tuple[str, Any]
) -> None:
    url, row = place
    start = start_of(client, url)
    with organization_scope(world.organization):
        given = choices(name="Both", timetable="weekly mon 07:00 within 0", people=[engineer.pk])
        change_schedule(schedule=stored(world, row), by=engineer, choices=given)
    answer = client.post(url, {**TYPED, "name": "Renamed", "start": start})
    html = " ".join(unescape(answer.content.decode()).split())
    assert answer.status_code == 409
    assert "Your changes were not saved: the report schedule was changed" in html
    for text in (engineer.email, "Weekly", "Monthly", engineer.get_full_name()):
        assert text in html
    assert stored(world, row).timetable.startswith("weekly")
    merged = answer.context["form"].initial
    assert (merged["name"], merged["frequency"], merged["people"]) == (
        "Renamed",
        "weekly",
        [str(engineer.pk)],
    )
    again = {
        **TYPED,
        "name": "Renamed",
        "frequency": "weekly",
        "weekday": "0",
        "time": "07:00",
        "people": [str(engineer.pk)],
    }
    start = unescape(re.search(r'name="start" value="([^"]*)"', answer.content.decode())[1])
    assert client.post(url, {**again, "people": [str(engineer.pk)], "start": start}).status_code == 302
    saved = stored(world, row)
    assert (saved.name, saved.timetable.split()[0]) == ("Renamed", "weekly")


def test_form_without_start_and_with_a_manipulated_one_reveals_nobody(
    world: World, client: Client, place: tuple[str, Any]
) -> None:
    url, _ = place
    answer = client.post(url, TYPED)
    assert answer.status_code == 400
    assert "Reload the page and try again" in answer.content.decode()
    stranger = factories.person(name="Stranger Elsewhere")
    manipulated = f'{{"people": ["{stranger.pk}"], "timetable": 7, "kind": ["x"]}}'
    answer = client.post(url, {**TYPED, "name": "Other", "start": manipulated})
    assert answer.status_code == 409
    assert stranger.name not in answer.content.decode()


def test_button_pauses_and_does_not_resume_what_a_colleague_has_paused(
    world: World, client: Client, place: tuple[str, Any]
) -> None:
    url, row = place
    switch = f"{url.rstrip('/')}/switch/"
    for given, enabled in (("no", False), ("no", False), ("yes", True), ("yes", True)):
        assert client.post(switch, {"enabled": given}).status_code == 302
        assert stored(world, row).enabled is enabled
    html = unescape(client.post(switch, follow=True).content.decode())
    assert "Choose whether to pause or to resume" in html
    assert stored(world, row).enabled is True


def leave(world: World, who: Person) -> None:
    with organization_scope(world.organization):
        for row in Membership.objects.filter(person=who):
            row.valid_until = max(row.valid_from, row.created_at).replace(microsecond=999999)
            row.save(update_fields=["valid_until"])


def fail(world: World, row: ReportSchedule) -> set[str]:
    """Let the last attempt of a run of the schedule fail, and return the addresses that are notified."""
    with factories.in_tenant(world.home):
        Notice.objects.all().delete()
        made = run_now(schedule=row, by=factories.BY)
    run(str(world.home.pk))
    with factories.in_tenant(world.home):
        ReportRun.objects.filter(pk=made.pk).update(retries=len(RETRY_AFTER))
        made = ReportRun.objects.select_related("tenant").get(pk=made.pk)
    end_build(report_of(made), Report.State.FAILED, "The disk is full")
    run(str(world.home.pk))
    with factories.in_tenant(world.home):
        notices = Notice.objects.filter(kind="report_not_delivered").select_related("person")
        for notice in notices:
            reasons = [text for text in (ADDED_BY_OPERATOR, RESPONSIBLE_LEFT) if text in notice.body]
            others = [RESPONSIBLE_LEFT if row.made_by else ADDED_BY_OPERATOR]
            assert reasons == ([] if notice.person == row.made_by else others)
        return {notice.person.email for notice in notices}


@pytest.mark.slow(seconds=1)
def test_administrators_are_told_when_the_responsible_person_has_left(world: World, engineer: Person) -> None:
    with factories.in_tenant(world.home):
        row = add_schedule(place=world.home, by=engineer, choices=choices(name="Own"))
    assert isinstance(row, ReportSchedule)
    assert fail(world, row) == {engineer.email}
    leave(world, engineer)
    told = fail(world, row)
    assert world.people["organization_administrator"].email in told
    assert engineer.email not in told


def test_administrators_are_told_that_the_operator_added_a_schedule(world: World) -> None:
    with factories.in_tenant(world.home):
        row = add_schedule(place=world.home, by=factories.BY, choices=choices(name="Own"))
    assert isinstance(row, ReportSchedule)
    assert world.people["organization_administrator"].email in fail(world, row)


def test_the_form_names_the_kinds_with_a_framework(world: World, client: Client) -> None:
    page = unescape(client.get(reverse("report-schedule-add", args=[world.home.slug])).content.decode())
    assert "Only for: Full audit report, Audit report over a period, Framework report." in page


@pytest.mark.slow(seconds=1)
def test_page_of_a_leaver_hands_schedules_over(world: World, client: Client, engineer: Person) -> None:
    successor = factories.member(Role.ORGANIZATION_ENGINEER, world.organization)
    with organization_scope(world.organization):
        own = add_schedule(place=world.home, by=engineer, choices=choices(name="Own"))
        of_all = add_schedule(place=world.organization, by=engineer, choices=choices(name="Of all"))
    url = reverse("person-leaving", args=[world.organization.slug, engineer.pk])
    html = unescape(client.get(url).content.decode())
    assert "Report schedules" in html
    assert "The organization" in html
    answer = client.post(url, {"to": str(successor.pk)}, follow=True)
    assert f"{successor} is now responsible for" in unescape(answer.content.decode())
    with organization_scope(world.organization):
        assert ReportSchedule.objects.get(pk=own.pk).made_by == successor
        assert OrganizationReportSchedule.objects.get(pk=of_all.pk).made_by == successor
        copies = ReportSchedule.objects.filter(origin=of_all.pk)
        assert {copy.made_by_id for copy in copies} == {successor.pk}
    assert "Report schedules" not in unescape(client.get(url).content.decode()).partition("<main")[2]


def test_somebody_who_may_not_change_schedules_gets_none(world: World, engineer: Person) -> None:
    with factories.in_tenant(world.home):
        add_schedule(place=world.home, by=engineer, choices=choices(name="Own"))
        with pytest.raises(InvalidInput, match="lacks the right to change at least one"):
            hand_over_schedules(
                by=factories.BY, person=engineer, to=world.people["auditor"], tenants=[world.home]
            )


def test_phones_show_the_last_runs_and_the_addresses_to_confirm(world: World, client: Client) -> None:
    with organization_scope(world.organization):
        add_schedule(
            place=world.organization, by=world.people["organization_engineer"], choices=choices(name="Both")
        )
    html = client.get(
        reverse("organization-report-schedules", args=[world.organization.slug])
    ).content.decode()
    table = html.split("<table", 1)[1].split("</table>")[0]
    assert "Last runs" in table
    assert "hide-" not in table
