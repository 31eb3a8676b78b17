"""An auditor with a review period reads the records of the period, and nothing else of the customer."""

from __future__ import annotations

import csv
import re
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.utils import timezone
from django.utils.html import escape

from assessments.models import Assessment, Finding
from portal.api.urls import urlpatterns as operations
from portal.distribution.recipients import readers
from portal.notify.access import people_with_access
from portal.reports.models import Report
from portal.treatment import bulk
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.exceptions import approve, request_exception, revoke
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Attestation, FindingException
from portal.treatment.selectors.exceptions import seen_digest
from tenants.actions import change_review_period
from tenants.auditors.review_addresses import SHOWN, WITHOUT_RECORDS, offers_reviews
from tenants.auditors.review_periods import ReviewPeriod
from tenants.ids import first_uuid7
from tenants.models import Invitation, JournalEntry, Membership, Organization, Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.for_each import for_each
from tests.isolation.addresses import ADDRESSES, WITHOUT_TENANT, expected, walk
from tests.portal.api.conftest import client_with, token_for
from tests.portal.treatment.findings import FAILING, make
from tests.portal.web.journal.journal_pages import entries, note
from tests.portal.web.requests import page
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

EARLIER = ReviewPeriod(date(2026, 1, 1), date(2026, 3, 31))
# Addresses of single objects. They answer 404 if the object does not belong to the review period.
OF_OBJECTS = (
    "report",
    "report-download",
    "report-bundle",
    "assessment",
    "exception",
    "evidence-file",
    "journal-entry",
)
BELOW = "v1/customers/<slug:customer>"
SWEPT = [name for name, address in ADDRESSES.items() if address.has_tenant and name not in WITHOUT_TENANT]


def uuid7_of(moment: datetime) -> UUID:
    """Return a new UUID of version 7 whose time is this moment."""
    return UUID(int=first_uuid7(moment).int | secrets.randbits(60))


def today() -> date:
    return timezone.now().astimezone(UTC).date()


def this_year() -> ReviewPeriod:
    return ReviewPeriod(today() - timedelta(days=100), today())


def auditor(world: World, review: ReviewPeriod | None) -> Person:
    return factories.member(Role.AUDITOR, world.home, review=review)


def membership_of(who: Person) -> Membership:
    with person_scope(who):
        return Membership.objects.get(person=who)


def add_period(world: World, who: Person, review: ReviewPeriod) -> None:
    """Store another membership of the auditor, with a further review period."""
    row = membership_of(who)
    with factories.in_tenant(world.home):
        Membership.objects.create(
            person=who,
            organization=world.organization,
            tenant=world.home,
            role=Role.AUDITOR,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            review_first=review.first,
            review_last=review.last,
        )


def ask(client: Client, world: World, name: str) -> int:
    address = ADDRESSES[name]
    url = reverse(name, args=address.arguments(world, world.home))
    return (client.post if address.post else client.get)(url, address.data(world, world.home)).status_code


def test_listed_addresses_exist_and_all_others_are_refused() -> None:
    names = {str(entry.name) for _, entry in walk(get_resolver().url_patterns) if entry.name}
    assert SHOWN.keys() | WITHOUT_RECORDS <= names, "these addresses no longer exist"
    assert SHOWN.keys() & WITHOUT_RECORDS == set(), "an address has two decisions"
    assert {name for name in names if offers_reviews(name)} == SHOWN.keys() | WITHOUT_RECORDS
    assert not any(offers_reviews(name, "POST") for name in names - WITHOUT_RECORDS)
    assert not offers_reviews(None)


@pytest.mark.slow(seconds=2)
@pytest.mark.usefixtures("bare_refusals")
def test_every_page_is_refused_or_shows_the_period_only(world: World) -> None:
    """Pages that auditors with a period may not open are 404. The period has no records, so pages of single objects are
    404, too, and the remaining pages show no record.
    """
    client = signed_in_client(auditor(world, EARLIER))
    found = {name: ask(client, world, name) for name in SWEPT}
    for name in SWEPT:
        refused = name not in SHOWN or name in OF_OBJECTS
        assert found[name] == (404 if refused else expected(ADDRESSES[name], Role.AUDITOR)), name
    own = world.of(world.home)
    known = {
        own["report"].sha256: "report",
        own["file"].sha256: "file",
        own["finding"].subject_name: "finding",
        own["exception"].reason: "exception",
        str(own["assessment"].pk): "assessment",
        "journal/2/": "entry",
    }
    for name in set(SWEPT) & set(SHOWN) - set(OF_OBJECTS):
        response = client.get(reverse(name, args=[world.home.slug]))
        text = response.getvalue().decode()
        assert [words for key, words in known.items() if key in text] == [], name


@pytest.mark.slow(seconds=2)
@pytest.mark.usefixtures("bare_refusals")
def test_records_of_the_period_are_shown_and_nothing_else(world: World) -> None:
    client = signed_in_client(auditor(world, this_year()))
    found = {name: ask(client, world, name) for name in SWEPT}
    assert found == {
        name: expected(ADDRESSES[name], Role.AUDITOR) if name in SHOWN else 404 for name in SWEPT
    }


def sample(world: World, entry: URLPattern) -> list[Any]:
    """Return the arguments of an API address below the customer. If the address is about a single object, the arguments
    name an object of the test data.
    """
    own, name = world.of(world.home), str(entry.name)
    objects = {
        "api-report": own["report"].number,
        "api-report-schedule": own["report_schedule"].pk,
        "api-report-link": own["report_link"].pk,
        "api-report-delivery": own["report_delivery"].pk,
        "api-assessment": own["assessment"].number,
        "api-exception": own["exception"].number,
        "api-exception-comment": own["exception_comment"].pk,
        "api-finding": own["finding"].pk,
        "api-attestation": own["manual"].pk,
        "api-resource": own["resource"].pk,
        "api-change": own["change"].pk,
        "api-policy-control": "storage-key-rotation",
        "api-policy-switch": "storage-key-rotation",
        "api-requirement-results": "cis-6.0.0",
    }
    key = next((one for one in sorted(objects, key=len, reverse=True) if name.startswith(one)), "")
    arguments: list[Any] = [world.home.slug]
    for word, converter in entry.pattern.converters.items():
        if word != "customer":
            plain = 2 if type(converter).__name__ == "IntConverter" else own["finding"].pk
            arguments.append(objects.get(key, plain))
    return arguments


@pytest.mark.slow(seconds=5)
@pytest.mark.usefixtures("bare_refusals")
def test_every_operation_of_the_api_is_refused_or_shows_the_period_only(world: World) -> None:
    below = [entry for entry in operations if BELOW in str(entry.pattern)]
    clients = {
        name: client_with(token_for(auditor(world, review), world.organization))
        for name, review in (("all", None), ("earlier", EARLIER), ("now", this_year()))
    }
    readable = set()
    for entry in below:
        name = str(entry.name)
        url = reverse(name, args=sample(world, entry))
        found = {key: client.get(url) for key, client in clients.items()}
        status = {key: answer.status_code for key, answer in found.items()}
        if name not in SHOWN:
            assert {status["earlier"], status["now"]} <= {404, 405}, name
            assert clients["now"].post(url, {}, content_type="application/json").status_code in (404, 405), (
                name
            )
        elif len(entry.pattern.converters) > 1:
            assert status["earlier"] == 404, name
            assert status["now"] == status["all"], name
        else:
            assert found["earlier"].json()["items"] == [], name
            assert found["now"].json()["items"] != [], name
        if status["all"] == 200:
            readable.add(name)
    # An auditor without a review period may use more operations than auditors with one.
    assert len(readable - set(SHOWN)) > 10
    assert {"api-report", "api-assessment", "api-exception", "api-journal-entry"} <= readable
    assert clients["now"].get(reverse("api-customers")).json()["items"] == []


@pytest.mark.slow(seconds=1)
def test_pages_say_the_period_and_link_to_no_refused_page(world: World) -> None:
    client = signed_in_client(auditor(world, this_year()))
    entry = page(client, "home", status=302) or client.get(reverse("home")).headers["Location"]
    assert entry == reverse("audit-room", args=[world.home.slug])
    for name in (
        "audit-room",
        "reports",
        "exceptions",
        "attestations",
        "findings-past",
        "journal",
        "assessments",
    ):
        html = page(client, name, world.home.slug)
        assert f"You review {this_year()}." in html, name
        linked = {resolve(path).url_name for path in re.findall(r'href="(/t/[^"?#]*)', html)}
        assert linked <= SHOWN.keys(), name
    own = world.of(world.home)
    for name, pk in (("report", own["report"].number), ("assessment", own["assessment"].pk)):
        html = page(client, name, world.home.slug, pk)
        linked = {resolve(path).url_name for path in re.findall(r'href="(/t/[^"?#]*)', html)}
        assert linked <= SHOWN.keys(), name
    html = page(client, "exception", world.home.slug, own["exception"].pk)
    assert "When requested" in html
    assert "Open finding" not in html
    assert "Now</th>" not in html
    assert "Choose days within one of your review periods" in page(
        client, "audit-room", world.home.slug, query="?from=2020-01-01"
    )
    assert "The chosen day is outside of your review period." in page(
        client, "findings-past", world.home.slug, query="?day=2020-01-01"
    )
    portfolio = page(client, "portfolio")
    assert f"review period {this_year()}" in portfolio
    assert f'"{reverse("tenant", args=[world.home.slug])}"' not in portfolio


@pytest.mark.slow(seconds=1)
def test_what_happened_to_an_exception_or_attestation_after_the_period_is_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the period, an exception's rule covers more findings, and another approval replaces the approved values."""
    now, day = timezone.now(), timedelta(days=1)
    end = now - 30 * day
    rule, controls = {"resource_group": "rg-rule"}, ("storage-secure-transfer", "storage-min-tls")

    def failing(number: int, **given: Any) -> Finding:
        values = FAILING | {"resource_group": "rg-rule", "failing_since": now - 70 * day}
        return make(world.home, values | {"subject_key": f"{90 + number:064}"} | given)

    def approve_as_of(exception: FindingException, moment: datetime) -> None:
        found = FindingException.objects.get(pk=exception.pk)
        approve(exception=found, by=world.people["approver"], seen=seen_digest(found), now=moment, maximum=9)

    with factories.in_tenant(world.home), monkeypatch.context() as patched:
        patched.setattr(bulk, "uuid7", lambda: uuid7_of(now - 60 * day))
        first = failing(
            1, subject_name="earlyone", observed={"value": "earlyvalue"}, observed_sha256="b" * 64
        )
        exception = request_exception(
            tenant=world.home,
            by=world.people["tenant_administrator"],
            scope=FindingException.Scope.RULE,
            rule=rule,
            reason="Accepted until the migration",
            ends_at=now + 20 * day,
            maximum=9,
            now=now - 60 * day,
        )
        approve_as_of(exception, now - 59 * day)
    client = signed_in_client(auditor(world, ReviewPeriod((end - 60 * day).date(), end.date())))
    api = client_with(
        token_for(auditor(world, ReviewPeriod((end - 60 * day).date(), end.date())), world.organization)
    )

    def seen() -> tuple[str, list[Any]]:
        html = page(client, "exception", world.home.slug, exception.pk)
        register = client.get(reverse("exceptions-export", args=[world.home.slug])).content.decode()
        items = api.get(reverse("api-exceptions", args=[world.home.slug])).json()["items"]
        numbers = next(
            (one["findings"], one["changed"]) for one in items if one["number"] == exception.number
        )
        line = next(one for one in register.splitlines() if one.startswith(f"{exception.number},"))
        listed = page(client, "exceptions", world.home.slug)
        of_control = [
            f"/{exception.pk}/" in page(client, "exceptions", world.home.slug, query=f"?control={control}")
            for control in controls
        ]
        return html, [numbers, ",1,0,9," in line, "1 of at most 9" in listed, of_control]

    expected = [(1, 0), True, True, [True, False]]
    html, numbers = seen()
    assert ("earlyvalue" in html, numbers) == (True, expected)
    with factories.in_tenant(world.home):
        Finding.objects.filter(pk=first.pk).update(observed={"value": "latevalue"}, observed_sha256="c" * 64)
        apply_transitions(tenant=world.home, now=now - 20 * day)
    assert seen()[1] == expected, "a change after the period"
    with factories.in_tenant(world.home):
        failing(2, subject_name="approvedlater", control=controls[1])
        approve_as_of(exception, now - 19 * day)
        failing(3, subject_name="addedlater", control=controls[1])
        apply_transitions(tenant=world.home, now=now - 18 * day)
        assert exception.items.count() == 3
    html, numbers = seen()
    assert numbers == expected
    found = {
        word
        for word in ("earlyvalue", "latevalue", "earlyone", "approvedlater", "addedlater")
        if word in html
    }
    assert found == {"earlyvalue", "earlyone"}
    assert "Approved after the review period" in html
    with factories.in_tenant(world.home):
        later = FindingException.objects.get(pk=exception.pk)
        assert (later.decided_at, later.ends_at) == (now - 19 * day, now + 20 * day)
        revoke(
            exception=later, by=world.people["approver"], note="Stopped after the audit", now=now - 10 * day
        )
    html, numbers = seen()
    assert numbers == expected
    assert "Covers its findings until" in html
    assert f"at the end of your review period, {end.day} {end:%B %Y}" in html
    register = client.get(reverse("exceptions-export", args=[world.home.slug])).content.decode()
    assert f"\n{exception.number},active," in register
    room = page(client, "audit-room", world.home.slug)
    one = api.get(reverse("api-exception", args=[world.home.slug, exception.number])).json()
    assert (one["state"], one["ended_at"], one["ended_by"], one["end_note"]) == ("active", None, None, "")
    assert datetime.fromisoformat(one["decided_at"]) == now - 59 * day
    for text in (html, register, room, str(one)):
        assert "Stopped after the audit" not in text
        assert "evoked" not in text
    # At the first approval, the rule of this exception matched no finding. After the period, it matched too many
    # findings, and a second approval replaced the first one. Only the journal still has the first approval, which the
    # auditor must see.
    with factories.in_tenant(world.home):
        with time_machine.travel(now - 60 * day, tick=False):
            empty = request_exception(
                tenant=world.home,
                by=world.people["tenant_administrator"],
                scope=FindingException.Scope.RULE,
                rule={"resource_group": "rg-empty"},
                reason="Accepted until the migration",
                ends_at=now + 20 * day,
                maximum=1,
            )
        with time_machine.travel(now - 59 * day, tick=False):
            approve(exception=empty, by=world.people["approver"], note="The first approval")
        failing(4, resource_group="rg-empty")
        failing(5, resource_group="rg-empty")
        with time_machine.travel(now - 20 * day, tick=False):
            apply_transitions(tenant=world.home)
            empty.refresh_from_db()
            assert empty.state == FindingException.State.RETURNED
            approve(
                exception=empty,
                by=world.people["approver"],
                note="The second approval",
                maximum=8,
                ends_at=now + 10 * day,
            )
    one = api.get(reverse("api-exception", args=[world.home.slug, empty.number])).json()
    assert (one["state"], one["maximum"], one["decision_note"]) == ("active", 1, "The first approval")
    assert one["decided_by"]["id"] == str(world.people["approver"].pk)
    assert datetime.fromisoformat(one["ends_at"]) == now + 20 * day
    with factories.in_tenant(world.home):
        Attestation.objects.create(
            tenant=world.home,
            finding=world.of(world.home)["manual"],
            met=True,
            statement="Reviewed in the first quarter",
            observed_sha256="d" * 64,
            attested_by=world.people["owner"],
            attested_at=now - 50 * day,
            valid_until=now + 20 * day,
            withdrawn_by=world.people["owner"],
            withdrawn_at=now - 9 * day,
        )
    answers = page(client, "attestations", world.home.slug)
    assert "Reviewed in the first quarter" in answers
    assert "Withdrawn" not in answers
    exported = client.get(reverse("attestations-export", args=[world.home.slug])).getvalue().decode()
    (line,) = [line for line in csv.reader(exported.splitlines()) if "Reviewed in the first quarter" in line]
    assert line[9:11] == ["", ""]
    url = reverse("api-exceptions", args=[world.home.slug])
    for state, is_listed in (("active", True), ("revoked", False)):
        listed = page(client, "exceptions", world.home.slug, query=f"?state={state}")
        items = api.get(url, {"state": state}).json()["items"]
        assert (f"/{exception.pk}/" in listed, exception.number in [one["number"] for one in items]) == (
            is_listed,
            is_listed,
        ), state


def test_reports_that_state_later_treatments_are_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report on the newest assessment has the treatments at the time of its build, which can be after the period."""
    who, now = (
        auditor(world, ReviewPeriod(today() - timedelta(days=100), today() - timedelta(days=30))),
        timezone.now(),
    )
    about, later = now - timedelta(days=40), now - timedelta(days=9)
    with factories.in_tenant(world.home):
        first, newest = Assessment.objects.filter(tenant=world.home).order_by("number")
        Assessment.objects.filter(pk=newest.pk).update(started_at=now - timedelta(days=10))
        numbers: dict[str, int] = {}
        for name, assessment, created, first_day in (
            ("built in the period", newest, about, None),
            ("built later on the newest assessment", newest, later, None),
            ("a range of days, built later on the newest assessment", newest, later, about.date()),
            ("reconstructed, because a later assessment had started", first, later, None),
            ("a range of days, reconstructed", first, later, about.date()),
            ("built before the later assessment started", first, now - timedelta(days=11), None),
        ):
            numbers[name] = 100 + len(numbers)
            with monkeypatch.context() as patched:
                patched.setattr(timezone, "now", lambda moment=created: moment)
                Report.objects.create(
                    tenant=world.home,
                    number=numbers[name],
                    title=name,
                    requested_as="Surety",
                    assessment=assessment,
                    as_of=about,
                    period_first=first_day,
                    period_last=first_day,
                )
    client = signed_in_client(who)
    answers = {
        name: client.get(reverse("report", args=[world.home.slug, number])).status_code
        for name, number in numbers.items()
    }
    assert answers == dict(zip(numbers, (200, 404, 404, 200, 200, 404), strict=True))


def test_journal_names_only_objects_with_entries_of_the_period(world: World) -> None:
    own = world.of(world.home)
    about = f"?of=finding:{own['finding'].pk}"
    shown = signed_in_client(auditor(world, None))
    assert own["finding"].subject_name in page(shown, "journal", world.home.slug, query=about)
    for review in (EARLIER, ReviewPeriod(today() + timedelta(days=1), today() + timedelta(days=9))):
        html = page(signed_in_client(auditor(world, review)), "journal", world.home.slug, query=about)
        assert own["finding"].subject_name not in html


def test_first_days_of_a_period_show_the_findings_of_an_earlier_assessment(world: World) -> None:
    """No assessment ends in the period, so the findings of the assessment before it are shown. An attestation that
    expired before the period is shown as expired.
    """
    own, now = world.of(world.home), timezone.now()
    with factories.in_tenant(world.home):
        attest(
            finding=own["manual"],
            by=world.people["owner"],
            met=True,
            statement="Reviewed.",
            valid_until=now + timedelta(days=1),
        )
    day = today() + timedelta(days=5)
    with time_machine.travel(now + timedelta(days=12)):
        shown = []
        for review in (None, ReviewPeriod(today() - timedelta(days=9), today() - timedelta(days=3))):
            client = signed_in_client(auditor(world, review))
            html = page(client, "findings-past", world.home.slug, query=f"?day={day}")
            link = reverse("assessment", args=[world.home.slug, own["assessment"].pk])
            assert (f'href="{link}"' in html) == (review is None), review
            assert own["finding"].subject_name in html, review
            file = client.get(reverse("findings-past-csv", args=[world.home.slug]), {"day": day})
            rows = list(csv.DictReader(file.getvalue().decode("utf-8-sig").splitlines()))
            assert "lapsed" in {row["State"] for row in rows}, review
            shown.append(rows)
    assert shown[0] == shown[1]


def test_a_period_that_has_not_begun_shows_no_findings(world: World) -> None:
    name = world.of(world.home)["finding"].subject_name
    later = ReviewPeriod(today() + timedelta(days=1), today() + timedelta(days=9))
    who = auditor(world, later)
    client = signed_in_client(who)
    for query in ("", f"?day={today()}", f"?day={later.first}"):
        html = page(client, "findings-past", world.home.slug, query=query)
        assert ("Your review period has not begun yet" in html, name in html) == (True, False), query
        csv = client.get(reverse("findings-past-csv", args=[world.home.slug]) + query)
        assert len(csv.getvalue().splitlines()) == 1, query
    add_period(world, who, EARLIER)
    html = page(client, "findings-past", world.home.slug)
    assert f"Findings on {EARLIER.last.day} March" in html, "the latest period that has begun"
    assert name not in html


def test_chain_of_the_period_is_verified_with_the_hashes_of_the_whole_chain(world: World) -> None:
    with factories.in_tenant(world.home):
        last = JournalEntry.objects.filter(tenant=world.home).order_by("-sequence")[0]
    client = signed_in_client(auditor(world, this_year()))
    assert "The chain is intact." in page(client, "journal-verify", world.home.slug)
    head = f"?sequence={last.sequence}&hash={last.hash}"
    early = signed_in_client(auditor(world, EARLIER))
    html = page(early, "journal-verify", world.home.slug, query=head)
    assert "The chain is intact." in html, (
        "the head of a report can be compared, though its entry is not shown"
    )
    assert "The journal contains this head." in html
    assert "including entries after the period" in html
    assert reverse("journal-entry", args=[world.home.slug, last.sequence]) not in html
    assert last.target not in html


def test_a_problem_after_the_period_has_no_link(world: World) -> None:
    with factories.in_tenant(world.home):
        last = JournalEntry.objects.filter(tenant=world.home).order_by("-sequence")[0]
        wrong = JournalEntry.objects.create(
            tenant=world.home, sequence=last.sequence + 1, at=timezone.now(), actor="system:nobody",
            action="view.saved", target="x", previous_hash=last.hash, hash="f" * 64,
        ).sequence  # fmt: skip
    for period, is_linked in ((EARLIER, False), (this_year(), True)):
        client = signed_in_client(auditor(world, period))
        head = f"?sequence={wrong}&hash={'f' * 64}"
        html = page(client, "journal-verify", world.home.slug, query=head)
        assert f"Entry {wrong} was changed after it was written." in html
        assert (reverse("journal-entry", args=[world.home.slug, wrong]) in html) is is_linked


def test_a_head_from_before_the_period_is_not_called_missing(world: World) -> None:
    own_entries = reverse("journal-entry", args=[world.home.slug, 2])
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        client = signed_in_client(auditor(world, ReviewPeriod(today() - timedelta(days=3), today())))
        note(world)
        html = page(client, "journal-verify", world.home.slug, query=f"?sequence=2&hash={'a' * 64}")
        assert "This head was not compared." in html
        assert ("There is no entry" in html, own_entries in html) == (False, False)
        assert "of the period," in html
        assert "Recomputes every hash of the entries of the period" in " ".join(html.split())
        listed = " ".join(page(client, "journal", world.home.slug).split())
        assert f"All actions in {escape(world.home.name)} in the period." in listed


def test_a_compared_head_names_the_verified_entries_and_counts_all_later_ones(world: World) -> None:
    start = timezone.now()
    with time_machine.travel(start + timedelta(days=12)):
        period = ReviewPeriod(today(), today())
        first = note(world)
        printed = note(world)
    with time_machine.travel(start + timedelta(days=14)):
        client = signed_in_client(auditor(world, period))
        later = note(world)
        rows = {row.sequence: row.hash for row in entries(world)}

        def compared(number: int) -> str:
            return page(
                client, "journal-verify", world.home.slug, query=f"?sequence={number}&hash={rows[number]}"
            )

        for number in (printed, later - 1, later):
            html = compared(number)
            assert f"All entries from number {first} up to this one are unchanged" in html, number
            added = later - number
            assert f"{added} entr{'y was' if added == 1 else 'ies were'} added after this one." in html
        html = compared(first - 1)
        assert "The journal contains this head." in html
        assert "older than your review period, so they were not verified." in html
        assert ("are unchanged since" in html, f"{later - first + 1} entries were" in html) == (False, True)


def test_an_entry_is_compared_with_a_previous_entry_outside_of_the_periods(world: World) -> None:
    start = timezone.now()
    periods, numbers = [], []
    for days in (12, 13, 14):
        with time_machine.travel(start + timedelta(days=days)):
            periods.append(ReviewPeriod(today(), today()))
            numbers.append(note(world))
    with time_machine.travel(start + timedelta(days=15)):
        who = auditor(world, periods[0])
        add_period(world, who, periods[2])
        client = signed_in_client(who)
        for number in (numbers[0], numbers[2]):
            html = page(client, "journal-entry", world.home.slug, number)
            assert f"The entry follows entry {number - 1} and contains its hash." in html
        page(client, "journal-entry", world.home.slug, numbers[1], status=404)


def test_the_journal_tells_how_to_verify_the_file_of_the_period(world: World) -> None:
    for review, command in (
        (None, "python verify_journal.py FILE NUMBER HASH"),
        (this_year(), "python verify_journal.py --period FILE NUMBER HASH"),
    ):
        client = signed_in_client(auditor(world, review))
        assert command in page(client, "journal", world.home.slug)


def test_empty_pages_of_a_period_do_not_say_that_the_customer_has_nothing(
    world: World, settings: Any
) -> None:
    settings.SURETY_ANCHOR_MAIL = "heads@example.com"
    early, whole = (signed_in_client(auditor(world, review)) for review in (EARLIER, None))
    for name, words in (
        ("assessments", "No assessment ended in your review period."),
        ("journal", "Your review period has no entries."),
        ("reports", "Your review period has no reports."),
    ):
        html = page(early, name, world.home.slug)
        assert (words in html, " yet" in html) == (True, False), name
        assert words not in page(whole, name, world.home.slug), name
    assert "are not listed for a review period" in page(early, "journal", world.home.slug)
    assert "has been anchored yet" in page(whole, "journal", world.home.slug)


def test_period_is_changed_by_others_only_and_journalled(world: World) -> None:
    who, by = auditor(world, EARLIER), world.people["tenant_administrator"]
    row = membership_of(who)
    with person_scope(by):
        changed = change_review_period(by=by, membership=row, review=this_year())
        entry = JournalEntry.objects.filter(tenant=world.home, action="membership.review_changed").latest(
            "at"
        )
    assert changed.review_period == this_year()
    assert entry.details["review_period"] == {"from": str(EARLIER), "to": str(this_year())}
    with person_scope(who), pytest.raises(DatabaseError, match="own review period"), transaction.atomic():
        Membership.objects.filter(pk=row.pk).update(review_first=None, review_last=None)
    client = signed_in_client(who)
    assert client.get(reverse("reports", args=[world.home.slug])).status_code == 200
    with person_scope(by):
        change_review_period(by=by, membership=row, review=None)
    assert client.get(reverse("findings", args=[world.home.slug])).status_code == 200, "all records again"


def test_mail_of_an_invitation_names_the_review_period(world: World) -> None:
    invitation = Invitation(role=Role.AUDITOR, review_first=EARLIER.first, review_last=EARLIER.last)
    invitation.organization = world.organization
    assert f"Review period: {EARLIER} (UTC)\n" in render_to_string(
        "members/invitation.txt", {"invitation": invitation}
    )


def test_people_who_own_findings_too_see_them_as_before(world: World) -> None:
    who = auditor(world, EARLIER)
    factories.member(Role.OWNER, world.home, who)
    client = signed_in_client(who)
    found = {
        name: client.get(reverse(name, args=[world.home.slug])).status_code
        for name in ("findings", "tenant-frameworks", "reports")
    }
    assert found == {"findings": 200, "tenant-frameworks": 403, "reports": 200}
    assert world.of(world.home)["report"].sha256 not in page(client, "reports", world.home.slug)


@pytest.mark.usefixtures("bare_refusals")
def test_no_address_changes_anything_with_the_rights_of_two_roles(world: World) -> None:
    """Owners may request exceptions, but only for own findings. Auditors see all findings. A person with both roles
    must not be able to request exceptions for all findings.
    """
    own = world.of(world.home)
    other = own["finding"].pk
    owner, both = factories.member(Role.OWNER, world.home), auditor(world, this_year())
    factories.member(Role.OWNER, world.home, both)
    content = {
        "findings": [str(other)],
        "reason": "Accepted until the migration",
        "ends_at": (timezone.now() + timedelta(days=5)).isoformat(),
    }
    clients = {
        who: (signed_in_client(who), client_with(token_for(who, world.organization))) for who in (owner, both)
    }
    arguments = {name: ADDRESSES[name].arguments(world, world.home) for name in SWEPT if name in SHOWN}
    arguments |= {str(one.name): sample(world, one) for one in operations if BELOW in str(one.pattern)}
    for name in sorted(arguments.keys() & SHOWN.keys()):
        url, api = reverse(name, args=arguments[name]), int(name.startswith("api-"))
        found = {
            who: clients[who][api].post(url, content, content_type="application/json") for who in clients
        }
        assert found[both].status_code == found[owner].status_code, name
    # With both roles, the person can request exceptions only for own findings, like an owner without the second role.
    rule = content | {"rule": {"control": own["finding"].control}, "maximum": 5}
    del rule["findings"]
    for payload in (content, rule):
        answers = [
            clients[who][1].post(
                reverse("api-exceptions", args=[world.home.slug]), payload, content_type="application/json"
            )
            for who in (owner, both)
        ]
        assert [answer.status_code for answer in answers][1:] == [answers[0].status_code]
        assert answers[1].status_code >= 400
    with factories.in_tenant(world.home):
        assert not FindingException.objects.filter(requested_by=both).exists()


def test_a_role_that_sees_all_findings_has_no_period(world: World) -> None:
    who = auditor(world, EARLIER)
    factories.member(Role.ORGANIZATION_ENGINEER, world.organization, who)
    with person_scope(who) as scope:
        assert not scope.review_periods


def test_people_with_a_period_get_no_notices_and_no_scheduled_reports(world: World) -> None:
    limited, unlimited = auditor(world, EARLIER), auditor(world, None)
    with factories.in_tenant(world.home):
        assert people_with_access(world.home, [limited.pk, unlimited.pk]) == {unlimited.pk}
        assert limited not in readers(world.home)
        assert unlimited in readers(world.home)


def test_sign_in_policy_applies_where_customers_are_left_out(world: World) -> None:
    with organization_scope(world.organization):
        Organization.objects.filter(pk=world.organization.pk).update(second_factor_roles=["auditor"])
    client = signed_in_client(auditor(world, EARLIER))
    for name in ("my", "audit-room"):
        response = client.get(reverse(name, args=[world.home.slug] if name == "audit-room" else []))
        assert response.headers.get("Location") == reverse("second-factor-required"), name


@for_each(
    "given, reason",
    [
        ({"review_first": "2026-01-01"}, "Enter the last day of the review period too"),
        ({"review_last": "2026-01-01"}, "Enter the first day of the review period too"),
        (
            {"review_first": "2026-02-01", "review_last": "2026-01-01"},
            "The last day of the review period must not be before the first day.",
        ),
        (
            {"review_first": "2026-01-01", "review_last": "2026-02-01", "role": "owner"},
            "Only auditors can have a review period.",
        ),
    ],
)
def test_invalid_periods_are_refused(world: World, given: dict[str, str], reason: str) -> None:
    by = world.people["organization_administrator"]
    client = signed_in_client(by)
    address = reverse("organization-invite", args=[world.organization.slug])
    valid = {
        "email": "new.auditor@example.com",
        "role": "auditor",
        "place": str(world.home.pk),
        "until": str(today() + timedelta(days=30)),
    }
    response = client.post(address, valid | given)
    assert response.status_code == 400
    assert reason in response.content.decode()


def test_the_database_refuses_a_period_of_another_role(world: World) -> None:
    with factories.in_tenant(world.home), pytest.raises(DatabaseError, match="review_period"):
        Membership.objects.filter(role="owner").update(review_first=today(), review_last=today())
