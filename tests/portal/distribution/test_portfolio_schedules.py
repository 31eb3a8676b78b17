"""Scheduled portfolio reports: requested when due, mailed to people of the organization and confirmed addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from portal.distribution.actions.portfolio_deliveries import are_due, send_again, send_due
from portal.distribution.actions.portfolio_runs import is_due, run_due, run_now
from portal.distribution.actions.runs import RETRY_AFTER
from portal.distribution.actions.schedules import (
    add_schedule,
    change_schedule,
    remove_schedule,
    set_schedule_enabled,
)
from portal.distribution.models import (
    OrganizationReportSchedule,
    PortfolioDelivery,
    PortfolioRun,
    ReportSchedule,
)
from portal.notify.models import Notice
from portal.portfolio_reports.models import PortfolioReport
from portal.portfolio_reports.revocation import revoke_portfolio
from tenants.actors import Actor
from tenants.errors import Conflict, InvalidInput
from tenants.models import Membership, Organization, OrganizationJournalEntry, Tenant
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.distribution.schedules import choices
from tests.portal.notify.conftest import mail_server  # noqa: F401 - a fixture
from tests.portal.notify.mail_server import MailServer
from tests.portal.web.report_file import portfolio_file
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

IT = "it@contoso.example"


@pytest.fixture
def clock(world: World) -> Iterator[time_machine.Traveller]:
    """A clock that starts on a Friday, after all assessments in `world`."""
    with time_machine.travel(datetime(2027, 1, 15, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def add(world: World, by: Actor = factories.BY, **given: Any) -> OrganizationReportSchedule:
    given = {"kind": "portfolio", "timetable": "weekly Mon 06:00 within 0", **given}
    with organization_scope(world.organization):
        row = add_schedule(place=world.organization, by=by, choices=choices(**given))
    assert isinstance(row, OrganizationReportSchedule)
    return row


def tick(world: World) -> bool:
    """Do the due work of schedules, as the periodic task does. Return whether any work was due."""
    with organization_scope(world.organization):
        due = is_due(Organization.objects.get(pk=world.organization.pk))
    if due:
        run_due(organization_id=world.organization.pk)
    return due


def runs(world: World) -> list[PortfolioRun]:
    with organization_scope(world.organization):
        return list(PortfolioRun.objects.filter(organization=world.organization).order_by("due_at", "pk"))


def stored(row: OrganizationReportSchedule) -> OrganizationReportSchedule:
    with organization_scope(row.organization):
        return OrganizationReportSchedule.objects.get(pk=row.pk)


def newest(world: World) -> PortfolioReport:
    with organization_scope(world.organization):
        rows = PortfolioReport.objects.filter(organization=world.organization).select_related("organization")
        return rows.latest("number")


def end_build(world: World, state: str = "ready", error: str = "") -> PortfolioReport:
    """End the build of the newest report as a worker would, but without rendering, which has its own tests."""
    report = newest(world)
    with organization_scope(world.organization):
        if state == "ready":
            content = portfolio_file(world.organization, world.home)
            report.sha256, report.size, report.level = (
                hashlib.sha256(content).hexdigest(),
                len(content),
                "B-B",
            )
            report.as_of = timezone.now()
            report.file.save(report.file_name, ContentFile(content), save=False)
        report.state, report.error = state, error
        report.save()
    return report


def build_now(world: World, row: OrganizationReportSchedule) -> PortfolioReport:
    """Start the schedule now and end its build, so that the mails with its report are due. Return the report."""
    with organization_scope(world.organization):
        run_now(schedule=row, by=factories.BY)
    tick(world)
    report = end_build(world)
    tick(world)
    return report


def deliveries(world: World) -> dict[str, PortfolioDelivery]:
    with organization_scope(world.organization):
        rows = PortfolioDelivery.objects.filter(organization=world.organization)
        rows = rows.select_related("person", "run__schedule", "organization")
        return {row.person.email if row.person else row.address: row for row in rows}


def journal(world: World, action: str) -> list[OrganizationJournalEntry]:
    with organization_scope(world.organization):
        rows = OrganizationJournalEntry.objects.filter(organization=world.organization, action=action)
        return list(rows.order_by("sequence"))


def notices(world: World) -> list[Notice]:
    found = []
    with organization_scope(world.organization):
        for tenant in Tenant.objects.filter(organization=world.organization):
            rows = Notice.objects.filter(tenant=tenant, kind="report_not_delivered")
            found += list(rows.select_related("person"))
    return sorted(found, key=lambda row: row.created_at)


def test_a_report_is_requested_once_when_it_is_due_at_the_time_of_the_organization(
    world: World, clock: Any
) -> None:
    with organization_scope(world.organization):
        Organization.objects.filter(pk=world.organization.pk).update(timezone="Asia/Tokyo")
    row = add(world, paper="letter", language="de", classification="Internal")
    with factories.in_tenant(world.home):
        assert not ReportSchedule.objects.filter(
            tenant=world.home
        ).exists()  # Customers get no copy of the schedule.
    assert tick(world)
    assert stored(row).next_at == datetime(2027, 1, 17, 21, tzinfo=UTC)
    assert not tick(world)
    clock.move_to(datetime(2027, 1, 17, 21, 1, tzinfo=UTC))
    assert tick(world)
    (run,) = runs(world)
    report = newest(world)
    assert (run.state, run.report_number, run.missed_count) == ("building", report.number, 0)
    with organization_scope(world.organization):
        customers = set(
            Tenant.objects.filter(organization=world.organization, archived_at=None).values_list(
                "pk", flat=True
            )
        )
    assert set(report.customers) == customers
    assert (report.paper, report.language, report.classification) == ("letter", "de", "Internal")
    assert report.requested_as == "Surety (report schedule)"
    assert stored(row).next_at == datetime(2027, 1, 24, 21, tzinfo=UTC)
    assert not tick(world)
    end_build(world)
    assert tick(world)
    (run,) = runs(world)
    assert (run.state, run.error) == ("built", "")
    assert notices(world) == []


def test_missed_runs_are_reported_and_replaced_by_one(world: World, clock: Any) -> None:
    engineer = world.people["organization_engineer"]
    row = add(world, by=engineer, people=[engineer.pk], addresses=[])
    tick(world)
    # The runs on Monday 18 January, 25 January and 1 February are missed.
    clock.move_to(datetime(2027, 2, 3, tzinfo=UTC))
    tick(world)
    (run,) = runs(world)
    assert (run.state, run.missed_count) == ("building", 3)
    assert (run.missed_from, run.missed_until) == (
        datetime(2027, 1, 18, 6, tzinfo=UTC),
        datetime(2027, 2, 1, 6, tzinfo=UTC),
    )
    assert stored(row).next_at == datetime(2027, 2, 8, 6, tzinfo=UTC)
    (notice,) = notices(world)
    assert notice.person_id == engineer.pk
    assert "3 scheduled portfolio reports were missed: “Monthly report”" in notice.title
    (entry,) = journal(world, "report_schedule.missed")
    assert entry.details["count"] == 3


@pytest.mark.slow(seconds=1)
def test_failed_builds_are_tried_again_and_then_given_up(world: World, clock: Any) -> None:
    engineer = world.people["organization_engineer"]
    add(world, by=engineer, people=[engineer.pk], addresses=[])
    tick(world)
    clock.move_to(datetime(2027, 1, 18, 6, 1, tzinfo=UTC))
    tick(world)
    for wait in RETRY_AFTER:
        end_build(world, "failed", "The time-stamp authority did not answer.")
        tick(world)
        (run,) = runs(world)
        assert (run.state, run.error) == ("waiting", "The time-stamp authority did not answer.")
        assert not tick(world)
        clock.shift(wait)
        assert tick(world)
    end_build(world, "failed", "The time-stamp authority did not answer.")
    tick(world)
    (run,) = runs(world)
    assert run.state == "failed"
    assert [
        ("could not be built yet" in row.title, "was not built" in row.title) for row in notices(world)
    ] == [
        (True, False),
        (False, True),
    ]


def test_who_is_responsible_left_so_administrators_are_told(world: World, clock: Any) -> None:
    engineer = world.people["organization_engineer"]
    add(world, by=engineer, people=[engineer.pk], addresses=[])
    tick(world)
    with organization_scope(world.organization):
        Membership.objects.filter(person=engineer).update(valid_until=timezone.now())
    clock.move_to(datetime(2027, 1, 18, 8, tzinfo=UTC))
    tick(world)
    told = {row.person.email for row in notices(world)}
    assert told == {world.people["organization_administrator"].email}


def test_each_recipient_gets_the_signed_file(
    world: World,
    mail_server: MailServer,  # noqa: F811
) -> None:
    engineer = world.people["organization_engineer"]
    row = add(world, people=[engineer.pk])
    report = build_now(world, row)
    with organization_scope(world.organization):
        assert are_due(world.organization)
    assert send_due(organization_id=world.organization.pk) == 2
    assert sorted(mail_server.recipients) == sorted([engineer.email, IT])
    for mail in mail_server.received:
        (attachment,) = mail.iter_attachments()
        content = attachment.get_payload(decode=True)
        assert isinstance(content, bytes)
        assert hashlib.sha256(content).hexdigest() == report.sha256
        assert mail["Subject"].startswith(f"{world.organization.name}: Portfolio report as of ")
        assert set(mail["Surety-Customer"].split(", ")) == {str(pk) for pk in report.customers}
        body = mail.get_body(("plain",))
        assert body is not None
        assert "because of the report schedule “Monthly report”" in " ".join(body.get_content().split())
    assert {mail.state for mail in deliveries(world).values()} == {"sent"}
    assert len(journal(world, "portfolio_report.sent")) == 2
    assert send_due(organization_id=world.organization.pk) == 0
    with organization_scope(world.organization):
        PortfolioDelivery.objects.update(sent_at=timezone.now() - timedelta(minutes=5))
    with person_scope(world.people["organization_administrator"]):
        send_again(delivery=deliveries(world)[IT], by=world.people["organization_administrator"])
    assert send_due(organization_id=world.organization.pk) == 1
    first, *_, again = (mail["Message-ID"] for mail in mail_server.received)
    assert first != again


def test_a_large_report_is_linked(world: World, mail_server: MailServer, settings: Any) -> None:  # noqa: F811
    settings.SURETY_MAIL_ATTACHMENT_MB = 0
    engineer = world.people["organization_engineer"]
    row = add(world, people=[engineer.pk])
    report = build_now(world, row)
    assert send_due(organization_id=world.organization.pk) == 2
    texts = {}
    for recipient, mail in zip(mail_server.recipients, mail_server.received, strict=True):
        assert list(mail.iter_attachments()) == []
        body = mail.get_body(("plain",))
        assert body is not None
        texts[recipient] = body.get_content()
    page = reverse("portfolio-report", args=[world.organization.slug, report.number])
    assert page in texts[engineer.email]
    assert page not in texts[IT]
    assert "/report-links/" in texts[IT]


def test_a_recipient_is_checked_again_before_the_mail_is_sent(
    world: World,
    mail_server: MailServer,  # noqa: F811
) -> None:
    engineer = world.people["organization_engineer"]
    row = add(world, people=[engineer.pk])
    build_now(world, row)
    with organization_scope(world.organization):
        Membership.objects.filter(person=engineer).update(valid_until=timezone.now())
        change_schedule(
            schedule=row,
            by=factories.BY,
            choices=choices(
                kind="portfolio",
                timetable="weekly Mon 06:00",
                people=[engineer.pk],
                addresses=["new@contoso.example"],
            ),
        )
    assert send_due(organization_id=world.organization.pk) == 0
    assert mail_server.received == []
    reasons = {recipient: (mail.state, mail.error) for recipient, mail in deliveries(world).items()}
    assert reasons == {
        engineer.email: ("stopped", "The person may no longer read portfolio reports."),
        IT: ("stopped", "The address is no longer a confirmed recipient of the schedule."),
    }


def test_a_revoked_report_is_not_sent(world: World, mail_server: MailServer) -> None:  # noqa: F811
    row = add(world)
    report = build_now(world, row)
    with organization_scope(world.organization):
        revoke_portfolio(report=report, by=factories.BY, reason="Wrong customers")
    assert send_due(organization_id=world.organization.pk) == 0
    assert mail_server.received == []
    assert deliveries(world)[IT].error == "The report was revoked."


def test_an_address_gets_no_report_on_customers_that_its_confirmation_does_not_cover(world: World) -> None:
    engineer = world.people["organization_engineer"]
    row = add(world, people=[engineer.pk])
    factories.tenant(world.organization, "Later customer")
    build_now(world, row)
    assert list(deliveries(world)) == [engineer.email]


def test_choices_that_make_no_sense_are_refused(world: World) -> None:
    organization, auditor = world.organization, world.people["auditor"]
    with organization_scope(organization):
        for given, reason in (
            ({"timetable": "after-assessment"}, "Choose a weekly or monthly schedule"),
            ({"people": [auditor.pk]}, "Only people with a role in the whole organization"),
        ):
            with pytest.raises(InvalidInput) as refused:
                add_schedule(place=organization, by=factories.BY, choices=choices(kind="portfolio", **given))
            assert reason in str(refused.value.fields)
        with pytest.raises(InvalidInput, match="There is no kind “portfolio”"):
            add_schedule(place=world.home, by=factories.BY, choices=choices(kind="portfolio"))
        # If the kind of a schedule changes to portfolio, a person who may get only one customer's reports cannot stay a
        # recipient.
        row = add_schedule(place=organization, by=factories.BY, choices=choices(people=[auditor.pk]))
        with pytest.raises(InvalidInput):
            change_schedule(
                schedule=row, by=factories.BY, choices=choices(kind="portfolio", people=[auditor.pk])
            )


def test_a_schedule_that_becomes_one_of_portfolio_reports_loses_its_copies(world: World) -> None:
    row = add(world, kind="executive")
    with factories.in_tenant(world.home):
        assert ReportSchedule.objects.filter(tenant=world.home).count() == 1
    with organization_scope(world.organization):
        with pytest.raises(Conflict, match="builds a report for each customer"):
            run_now(schedule=row, by=factories.BY)
        change_schedule(schedule=row, by=factories.BY, choices=choices(kind="portfolio", without_names=True))
    assert not stored(row).without_names
    with factories.in_tenant(world.home):
        assert not ReportSchedule.objects.filter(tenant=world.home).exists()
    with organization_scope(world.organization):
        run_now(schedule=row, by=factories.BY)
        with pytest.raises(Conflict, match="already being built"):
            run_now(schedule=row, by=factories.BY)
        set_schedule_enabled(schedule=row, by=factories.BY, enabled=False)
        with pytest.raises(Conflict, match="paused"):
            run_now(schedule=row, by=factories.BY)
    assert not tick(world)
    with organization_scope(world.organization):
        remove_schedule(schedule=row, by=factories.BY)
    tick(world)
    (run,) = runs(world)
    assert run.state == "failed"


@pytest.mark.slow(seconds=1)
def test_the_page_adds_runs_and_shows_a_schedule(world: World) -> None:
    client = signed_in_client(world.people["organization_administrator"])
    slug = world.organization.slug
    form = {
        "name": "Board", "kind": "portfolio", "framework": "cis-6.0.0", "frequency": "weekly", "weekday": "0",
        "day": "1", "time": "06:00", "window": "0", "addresses": IT, "classification": "Internal",
    }  # fmt: skip
    assert client.post(reverse("organization-report-schedule-add", args=[slug]), form).status_code == 302
    with organization_scope(world.organization):
        row = OrganizationReportSchedule.objects.get(name="Board")
    assert row.is_portfolio
    page = client.get(reverse("organization-report-schedules", args=[slug])).content.decode()
    assert "Portfolio report · Every Monday at 06:00" in page
    assert "None yet" in page
    assert client.post(reverse("organization-report-schedule-run", args=[slug, row.pk])).status_code == 302
    tick(world)
    report = end_build(world)
    tick(world)
    tick(world)
    page = client.get(reverse("organization-report-schedules", args=[slug])).content.decode()
    assert f">Report {report.number}</a>" in page
    detail = client.get(reverse("portfolio-report", args=[slug, report.number])).content.decode()
    assert "Sent by mail" in detail
    assert IT in detail


def test_the_command_adds_lists_and_runs_a_schedule(world: World) -> None:
    def command(*words: str) -> str:
        out = StringIO()
        call_command("report_schedules", *words, stdout=out)
        return out.getvalue()

    slug, name = world.organization.slug, ("--name", "Board")
    place = (slug, "--organization", *name)
    added = command("add", *place, "--when", "monthly 1 06:00", "--kind", "portfolio", "--to", IT)
    assert added.startswith("Added: Board, On day 1 of the month")
    tick(world)
    assert f"{slug}  Board: Portfolio report, On day 1 of the month" in command("list")
    assert "; next " in command("list")
    assert command("run", *place) == "Started: Board\n"
    assert [run.schedule_name for run in runs(world)] == ["Board"]
    command("add", slug, "--organization", "--name", "Each", "--when", "monthly 1 06:00", "--to", IT)
    with pytest.raises(CommandError, match="only schedules of portfolio reports can be run"):
        command("run", slug, "--organization", "--name", "Each")


def test_other_organizations_see_nothing(world: World) -> None:
    row = add(world)
    with organization_scope(world.organization):
        run_now(schedule=row, by=factories.BY)
    with organization_scope(world.foreign.organization):
        assert not PortfolioRun._base_manager.filter(organization=world.organization).exists()
        assert not PortfolioDelivery._base_manager.filter(organization=world.organization).exists()
    # In the scope of a single customer, runs for the whole organization are invisible.
    with factories.in_tenant(world.home):
        assert not PortfolioRun._base_manager.exists()


def test_failing_runs_wait_while_too_many_reports_are_built(world: World) -> None:
    rows = [add(world, name=f"Schedule {number}") for number in range(4)]
    with organization_scope(world.organization):
        for row in rows:
            run_now(schedule=row, by=factories.BY)
    tick(world)
    assert sorted(run.state for run in runs(world)) == ["building", "building", "building", "waiting"]
    end_build(world)
    tick(world)
    assert sorted(run.state for run in runs(world)) == ["building", "building", "building", "built"]
