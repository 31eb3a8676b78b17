"""The auditor's room: the end of access, the frameworks, and all records of a period."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Unit
from portal.queries.audit_room import Period, room
from portal.treatment.models import FindingException
from tenants.actions import grant_membership
from tenants.models import JournalEntry, Person
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.web.requests import page
from tests.portal.web.world import SignIn, World


def test_room_says_until_when_access_lasts(world: World, sign_in: SignIn) -> None:
    who = world.people["auditor"]
    html = page(sign_in(who), "audit-room", world.home.slug)
    assert re.search(r"Auditor: ?<strong>access until <time", html), re.findall("Auditor.{0,200}", html)
    assert reverse("tenant-framework", args=[world.home.slug, "cis-6.0.0"]) in html


def test_room_has_everything_of_the_period_and_nothing_else(world: World, sign_in: SignIn) -> None:
    own, client = world.of(world.home), sign_in(world.people["auditor"])
    html = page(client, "audit-room", world.home.slug)
    for name, key in (
        ("assessment", "assessment"),
        ("report-download", "report"),
        ("report-bundle", "report"),
        ("evidence-file", "file"),
        ("exception", "exception"),
        ("attest", "manual"),
    ):
        assert reverse(name, args=[world.home.slug, own[key].pk]) in html, name
    for name in ("exceptions-export", "attestations-export"):
        assert reverse(name, args=[world.home.slug]) in html, name
    assert f"SHA-256 {own['file'].sha256}" in html
    # Each attestation names its resource, because one control can have several attestations.
    answered = " ".join(html.split('id="room-attestations"')[1].split("</section>")[0].split())
    assert re.search(r'<span class="sub">\S[^·<]* · <time', answered), answered
    today = timezone.now().date()
    before = f"?from={today - timedelta(days=40)}&to={today - timedelta(days=30)}"
    empty = page(client, "audit-room", world.home.slug, query=before)
    assert "No assessment ended in this period." in empty
    assert "No report was built in this period." in empty
    assert "No exception was undecided or in force in this period." in empty
    assert "No attestation was given in this period." in empty
    assert "No file is attached to the exceptions and attestations of this period." in empty
    assert "0 entries in this period" in empty


def headline_of(html: str) -> str:
    """Return the headline as HTML."""
    found = re.search(r'class="headline">(.+?)</p>', html)
    assert found
    return found[1].strip()


def test_the_room_begins_with_the_headline_of_the_overview(world: World, sign_in: SignIn) -> None:
    """An auditor without a review period sees the headline of the overview first."""
    who = world.people["auditor"]
    headline = headline_of(page(sign_in(who), "tenant", world.home.slug))
    html = page(sign_in(who), "audit-room", world.home.slug)
    assert re.search(r'>Today</p>\s*<p class="headline">', html), "the rest of the page is about a period"
    room = re.sub("<[^>]+>", "", headline_of(html))
    assert "open" in room
    assert room.split(".")[0] == headline.split(".")[0]


@pytest.mark.parametrize("query", ["?from=2026-13-01", "?from=yesterday", "?from=2026-11-02&to=2026-11-01"])
def test_wrong_period_is_explained(world: World, sign_in: SignIn, query: str) -> None:
    html = page(sign_in(world.people["auditor"]), "audit-room", world.home.slug, query=query)
    assert "The default period is shown." in html


def test_bars_of_frameworks_have_their_numbers_beside_them(world: World, sign_in: SignIn) -> None:
    html = page(sign_in(world.people["auditor"]), "audit-room", world.home.slug)
    frameworks = html.split("Frameworks today")[1].split("</table>")[0]
    for row in frameworks.split("<tr")[2:]:
        label = re.search(r'aria-label="[^"]+: ([^":]+)"', row)
        assert label, row
        beside = re.findall(r"<strong>(\d+)</strong>\s*([^<]+)<", row)
        assert ", ".join(f"{number} {word.strip()}" for number, word in beside) == label[1]
    assert "not covered" in frameworks


def test_an_assessment_that_read_nothing_is_not_called_partial(world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        row = Assessment.objects.get(pk=world.of(world.home)["assessment"].pk)
        row.summary = {**row.summary, "units": {"failed": 3}}
        row.save(update_fields=["summary"])
    client = sign_in(world.people["auditor"])
    assert "Failed: 0 of 3 units read" in page(client, "audit-room", world.home.slug)
    changes = page(client, "changes", world.home.slug, query=f"?assessment={row.number}&kind=gone")
    assert "Nothing was read" in changes
    assert "The data that it read has no changes" not in changes
    assert "3 of 3 units could not be read. Verdicts that depend on this data are unknown." in changes
    assert "earlier results" not in changes


def test_partial_assessment_is_marked(world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        row = Assessment.objects.get(pk=world.of(world.home)["assessment"].pk)
        row.summary = {**row.summary, "units": {"done": 1, "failed": 2}}
        row.save(update_fields=["summary"])
    html = page(sign_in(world.people["auditor"]), "audit-room", world.home.slug)
    # Once for the assessment, and once for the report on it.
    assert html.count("Partial: 1 of 3 units read") == 2


@pytest.mark.slow(seconds=1)
def test_assessment_with_gaps_is_not_called_complete(world: World, sign_in: SignIn) -> None:
    with factories.in_tenant(world.home):
        units = Unit.objects.filter(tenant=world.home)
        units.update(gaps=[])
    client = sign_in(world.people["auditor"])
    assert "read in part" not in page(client, "audit-room", world.home.slug)
    with factories.in_tenant(world.home):
        unit = units.filter(assessment=world.of(world.home)["assessment"]).first()
        assert unit is not None
        units.filter(pk=unit.pk).update(gaps=[{"collection": "web_app_auth", "reason": "not_found"}])
        row = Assessment.objects.get(pk=world.of(world.home)["assessment"].pk)
    assert "1 unit read in part" in page(client, "audit-room", world.home.slug)
    # For a partial assessment, the page counts both the units that were not read and the units that were read in part.
    with factories.in_tenant(world.home):
        row.summary = {**row.summary, "units": {"done": 1, "failed": 2}}
        row.save(update_fields=["summary"])
    html = page(client, "audit-room", world.home.slug)
    assert "Partial: 1 of 3 units read" in html
    assert "1 unit read in part" in html
    # A failed unit has gaps, but does not count as read in part.
    with factories.in_tenant(world.home):
        units.filter(pk=unit.pk).update(state=Unit.State.FAILED)
    html = page(client, "audit-room", world.home.slug)
    assert "Partial: 1 of 3 units read" in html
    assert "read in part" not in html


FILES = {
    "findings-csv": "",
    "findings-xlsx": "",
    "findings-json": "",
    "findings-ocsf": "",
    "findings-oscal": "",
    "exposure-csv": "",
    "report-download": "report",
    "exceptions-export": "",
    "attestations-export": "",
    "tenant-framework-csv": "cis-6.0.0",
    "tenant-framework-xlsx": "cis-6.0.0",
    "evidence-file": "file",
    "journal-csv": "",
    "journal-chain": "",
}


def address(world: World, name: str, key: str, *, foreign: bool = False) -> str:
    tenant = world.foreign if foreign else world.home
    found = world.of(tenant).get(key)
    return reverse(name, args=[tenant.slug, *([found.pk if found else key] if key else [])])


def downloads(world: World) -> list[JournalEntry]:
    with factories.in_tenant(world.home):
        rows = JournalEntry.objects.filter(tenant=world.home, action="file.downloaded")
        return list(rows.order_by("sequence"))


@pytest.mark.parametrize(("name", "key"), FILES.items())
def test_the_journal_names_who_downloaded_a_file(world: World, sign_in: SignIn, name: str, key: str) -> None:
    client = sign_in(world.people["auditor"])
    url = address(world, name, key)
    assert client.head(url).status_code == 200
    assert client.post(url).status_code == 405
    assert downloads(world) == []
    answer = client.get(url, {"q": "storage"} if key == "" else {})
    assert answer.status_code == 200
    (entry,) = downloads(world)
    assert entry.actor.startswith("auditor@example.com")
    assert f'"{entry.details["file"]}"' in answer.headers["Content-Disposition"].replace("filename=", "")
    assert entry.details.get("filters", "") == ("q=storage" if key == "" else "")


PAGES = (
    "audit-room",
    "reports",
    "exceptions",
    "attestations",
    "assessments",
    "journal",
)


def answers(world: World, client: Client, *, foreign: bool = False) -> dict[str, int]:
    """Open the room and everything that it links to; return the statuses by address."""
    tenant = world.foreign if foreign else world.home
    urls = [reverse(name, args=[tenant.slug]) for name in PAGES]
    urls += [address(world, name, key, foreign=foreign) for name, key in FILES.items()]
    return {url: client.get(url).status_code for url in urls}


def later_auditor(world: World, begins: datetime, ends: datetime) -> Person:
    """Return a new person who is an auditor in a period."""
    who = factories.person("later@audit.example", name="Lena Later")
    with organization_scope(world.organization):
        grant_membership(
            by=factories.BY,
            person=who,
            organization=world.organization,
            tenant=world.home,
            role=Role.AUDITOR,
            valid_from=begins,
            valid_until=ends,
        )
    return who


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(("days", "status"), [(0, 404), (2, 200), (4, 404)])
def test_auditors_have_access_from_the_start_to_the_end_of_their_role_only(
    world: World, sign_in: SignIn, days: int, status: int
) -> None:
    now = timezone.now()
    who = later_auditor(world, now + timedelta(days=1), now + timedelta(days=3))
    with time_machine.travel(now + timedelta(days=days)):
        found = answers(world, sign_in(who))
        assert found == dict.fromkeys(found, status)
        assert len(downloads(world)) == (len(FILES) if status == 200 else 0)


def test_auditors_get_nothing_of_other_customers(world: World, sign_in: SignIn) -> None:
    found = answers(world, sign_in(world.people["auditor"]), foreign=True)
    assert found == dict.fromkeys(found, 404)


@pytest.mark.slow(seconds=1)
def test_the_room_shows_records_from_before_the_role_and_names_the_period(
    world: World, sign_in: SignIn
) -> None:
    """Before the start of a role, there is no access. Afterwards, records from before the start are shown too, because
    audits review the past.
    """
    now = timezone.now()
    who = later_auditor(world, now + timedelta(days=200), now + timedelta(days=202))
    download = reverse("report-download", args=[world.home.slug, world.of(world.home)["report"].pk])
    with time_machine.travel(now + timedelta(days=201)):
        client = sign_in(who)
        assert "No report was built in this period." in page(client, "audit-room", world.home.slug)
        first = now.date() - timedelta(days=1)
        assert download in page(client, "audit-room", world.home.slug, query=f"?from={first}")
        assert download in page(client, "reports", world.home.slug)


def test_the_room_lists_exceptions_that_were_undecided_or_in_force_in_the_period(world: World) -> None:
    """Two exceptions are not listed. One was approved before the period, and starts after the period. The other one
    should have ended before the period, but no worker has ended it yet.
    """
    day, tenant = timedelta(days=1), world.home
    first = timezone.now().date() - timedelta(days=20)
    period = Period(first, first + 9 * day)
    rows = {
        "undecided": (-5, None, 15, 40),
        "decided in the period": (-5, 3, 15, 40),
        "starts on the last day": (-5, -2, 9.5, 40),
        "starts after the period": (-5, -2, 10, 40),
        "ended before the period": (-30, -29, -29, -1),
        "ends on the first day": (-30, -29, -29, 0.5),
        "requested after the period": (11, None, 15, 40),
    }
    with factories.in_tenant(tenant):
        model = FindingException.objects.filter(tenant=tenant)[:1][0]
        for number, (name, (requested, decided, starts, ends)) in enumerate(rows.items(), start=100):
            model.pk, model.number, model.reason = uuid4(), number, name
            model.requested_at = period.start + requested * day
            model.starts_at, model.ends_at = period.start + starts * day, period.start + ends * day
            model.decided_at = None if decided is None else period.start + decided * day
            model.decided_by = None if decided is None else world.people["approver"]
            model.state = "requested" if decided is None else "approved"
            model._state.adding = True
            model.save(force_insert=True)
        found = room(tenant, period)
    assert {row.reason for row in found.exceptions} == {
        "undecided", "decided in the period", "starts on the last day", "ends on the first day",
    }  # fmt: skip
    assert found.exception_count == 4
