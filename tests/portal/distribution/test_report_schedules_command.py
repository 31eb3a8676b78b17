"""The command that lists, adds, pauses, resumes, removes and runs schedules of reports."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.distribution.actions.runs import run_due
from portal.distribution.models import OrganizationReportSchedule, ReportSchedule
from tenants.models import JournalEntry
from tenants.scope import organization_scope
from tests import factories
from tests.portal.distribution.schedules import runs
from tests.portal.web.world import World

WHEN = (
    "--name",
    "Monthly report",
    "--when",
    "monthly last-working-day 06:00 within 0",
    "--kind",
    "executive",
)


def command(*words: str) -> str:
    out = StringIO()
    call_command("report_schedules", *words, stdout=out)
    return out.getvalue()


def schedule_of(world: World) -> ReportSchedule:
    with factories.in_tenant(world.home):
        return ReportSchedule.objects.get(tenant=world.home)


def test_a_schedule_of_a_customer_is_added_listed_changed_and_removed(world: World) -> None:
    slug, name = world.home.slug, ("--name", "Monthly report")
    assert command() == "There are no schedules of reports.\n"
    recipients = ("--to", "IT@contoso.example", "--to", "auditor@example.com")
    added = command(
        "add", slug, *WHEN, *recipients, "--without-names", "--paper", "letter", "--language", "de"
    )
    assert added == "Added: Monthly report, On the last working day of the month at 06:00\n"
    row = schedule_of(world)
    assert (row.kind, row.paper, row.language, row.without_names) == ("executive", "letter", "de", True)
    assert row.people == [world.people["auditor"].pk]
    assert row.addresses == [{"address": "it@contoso.example", "confirmed_by": "operator"}]
    run_due(tenant_id=world.home.pk)  # This computes the time of the next run, which `list` shows.
    listed = command("list")
    assert f"{slug}  Monthly report: Executive summary, On the last working day" in listed
    assert "to Auditor, it@contoso.example; next " in listed

    assert command("pause", slug, *name) == "Paused: Monthly report\n"
    assert not schedule_of(world).enabled
    assert command().endswith("; paused\n")
    assert command("resume", slug, *name) == "Resumed: Monthly report\n"
    assert schedule_of(world).enabled

    assert command("run", slug, *name) == "Started: Monthly report\n"
    assert [run.schedule_name for run in runs(world.home)] == ["Monthly report"]
    assert command("remove", slug, *name) == "Removed: Monthly report\n"
    assert command() == "There are no schedules of reports.\n"
    with factories.in_tenant(world.home):
        entries = JournalEntry.objects.filter(tenant=world.home, action__startswith="report_schedule.")
        actors = {entry.action: entry.actor for entry in entries.order_by("sequence")}
    assert list(actors)[-5:] == [
        "report_schedule.added",
        "report_schedule.paused",
        "report_schedule.resumed",
        "report_schedule.run_requested",
        "report_schedule.removed",
    ]
    assert {actor.partition("operator ")[0] for actor in actors.values()} == {"system:"}


def test_a_schedule_of_an_organization_concerns_customers_with_its_label(world: World) -> None:
    slug = world.organization.slug
    with organization_scope(world.organization):
        world.home.labels = ["gold"]
        world.home.save(update_fields=["labels"])
    command("add", slug, "--organization", *WHEN, "--label", "gold", "--to", "it@contoso.example")
    listed = command()
    assert f"{slug}  Monthly report: " in listed
    assert "; customers with label gold; to it@contoso.example" in listed
    assert schedule_of(world).origin_id is not None
    with pytest.raises(CommandError, match="pass the short name of a customer without --organization"):
        command("run", slug, "--organization", "--name", "Monthly report")
    with pytest.raises(CommandError, match="belongs to the organization"):
        command("pause", world.home.slug, "--name", "Monthly report")
    command("remove", slug, "--organization", "--name", "Monthly report")
    with organization_scope(world.organization):
        assert not OrganizationReportSchedule.objects.exists()
        assert not ReportSchedule.objects.filter(tenant=world.home).exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pause", "nowhere", "--name", "Weekly"], "There is no customer with the short name “nowhere”"),
        (["remove", "{slug}", "--organization", "--name", "Weekly"], "There is no organization"),
        (["run", "{slug}", "--name", "Weekly"], "has no schedule “Weekly”"),
        (["add", "{slug}", "--name", "A", "--when", "daily", "--to", "it@contoso.example"], "daily"),
        (["add", "{slug}", "--name", "A", "--when", "weekly Mon 06:00"], "Choose at least one recipient"),
        (
            ["add", "{slug}", "--name", "A", "--when", "weekly Mon 06:00", "--to", "it"],
            "cannot be a recipient",
        ),
    ],
)
def test_wrong_input_changes_nothing_and_is_explained(world: World, words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        command(*(word.format(slug=world.home.slug) for word in words))
    with factories.in_tenant(world.home):
        assert not ReportSchedule.objects.filter(tenant=world.home).exists()
