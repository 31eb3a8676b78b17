"""The audit report on a period: it states what happened in the period, with the same numbers as the portal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F
from django.urls import reverse

from assessments.models import Assessment, Finding, FindingChange
from portal.queries.audit_room import DEFAULT_DAYS, Period
from portal.queries.tenant_overview.exposure import exposure
from portal.reports.create import Choices, create_report
from portal.reports.models import Report
from portal.reports.parts import period as period_part
from portal.reports.parts import results
from portal.treatment.models import Snapshot, TreatmentEvent
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.reports.schemas import problems_of_attachments
from tests.portal.web.world import World
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=25)

DAY = timedelta(days=1)


def newest(world: World) -> Assessment:
    return Assessment.objects.filter(tenant=world.home, state="finished").latest("number")


def last_day(world: World) -> date:
    return newest(world).ended_at.astimezone(UTC).date()


def at(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def past_events(world: World, day: date) -> Finding:
    """Store that a finding changed on a day, and that a person acknowledged it. Return the finding."""
    finding = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None).earliest("pk")
    earlier = Assessment.objects.create(
        tenant=world.home, number=0, state="finished", trigger="manual", started_at=at(day), ended_at=at(day)
    )
    FindingChange.objects.create(
        tenant=world.home, finding=finding, assessment=earlier, at=at(day), before_outcome="pass",
        after_outcome="fail", reason="As it was then",
    )  # fmt: skip
    person = world.people["organization_engineer"]
    TreatmentEvent.objects.create(
        tenant=world.home, finding=finding, at=at(day), by=person, actor="Somebody", kind="acknowledged"
    )
    return finding


def test_the_report_states_what_happened_between_its_days(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_part, "MAX_CHANGES", 10_000)
    with factories.in_tenant(world.home):
        today = last_day(world)
        day = today - 40 * DAY
        finding = past_events(world, day)
        found = rendered(world.home, kind="period", period_first=day, period_last=today)
        later = rendered(world.home, kind="period", period_first=day + DAY, period_last=today)
        full = rendered(world.home)
        rows = FindingChange.objects.filter(tenant=world.home).exclude(before_outcome=F("after_outcome"))
        pairs = Counter(rows.values_list("before_outcome", "after_outcome"))
        events = TreatmentEvent.objects.filter(tenant=world.home)
        kinds = Counter(event.get_kind_display() for event in events)
        days = exposure(
            world.home, Period(day, today), datetime.fromisoformat(found.results["period"]["until"])
        )
    period = found.results["period"]
    assert (period["first"], period["last"]) == (day.isoformat(), today.isoformat())
    assert {(row["before"], row["after"]): row["number"] for row in period["change_counts"]} == dict(pairs)
    assert len(period["changes"]) == pairs.total()
    is_first = [row["before"] == "" for row in period["changes"]]
    assert is_first == sorted(is_first), "Changes of earlier verdicts come before first verdicts"
    assert len(set(is_first)) == 2
    printed = period_part._context(found.facts)
    listed = [fact for _, _, fact in printed["changes"]]
    assert {fact.after for fact in listed if not fact.before} <= {"fail", "unknown"}
    assert sum(not fact.before for fact in listed) == pairs["", "fail"] + pairs["", "unknown"] > 0
    assert len(listed) + printed["changes_more"] == pairs.total()
    assert period["treatment_counts"].keys() == kinds.keys()
    acknowledged = [row for row in period["treatments"] if row["kind"] == "acknowledged"]
    label = f"{world.people['organization_engineer'].name} <{world.people['organization_engineer'].email}>"
    assert (label, finding.control) in {(row["by"], row["control"]) for row in acknowledged}
    assert [(row["number"], row["extent"], row["in_part"]) for row in period["assessments"]] == [
        (0, "", 0),
        (1, "", 1),
        (2, "", 1),
    ]
    stated = {row["control"]: row for row in found.results["exposure"]}
    assert found.results["exposure_first"] == day.isoformat()
    assert {row.control: (row.findings, row.began) for row in days} == {
        control: (row["findings"], row["began"]) for control, row in stated.items()
    }
    assert stated[finding.control]["began"] >= 1
    # A report whose period begins a day later contains neither the change nor the acknowledgement of `past_events`.
    fewer = later.results["period"]
    assert sum(row["number"] for row in fewer["change_counts"]) == pairs.total() - 1
    assert fewer["treatment_counts"].get("Acknowledged", 0) == kinds["Acknowledged"] - 1
    assert (full.results["period"], full.report.period_first) == (None, None)
    text = found.text(tmp_path)
    for words in ("What happened in the period", "As it was then", "Acknowledged", "Days failing by control"):
        assert words in text
    assert text.count("All subscriptions and directories, but 1 of them only in part") == 2
    assert f"{day.day} {day:%B %Y}, 00:00 to {today.day} {today:%B %Y}, " in text
    assert "As it was then" not in later.text(tmp_path)
    table = list(csv.DictReader(io.StringIO(found.files["period.csv"].decode("utf-8-sig"))))
    assert Counter(row["record"] for row in table) == {
        "days failing": len(stated), "verdict changed": pairs.total(), "treatment": len(period["treatments"]),
    }  # fmt: skip
    assert problems_of_attachments(found.files, tmp_path) == []


def test_a_finding_counts_once_for_each_action(world: World, tmp_path: Path) -> None:
    """Two people acknowledged the same finding."""
    with factories.in_tenant(world.home):
        today = last_day(world)
        day = today - 40 * DAY
        finding = past_events(world, day)
        TreatmentEvent.objects.create(
            tenant=world.home, finding=finding, at=at(day) - timedelta(hours=1), by=world.people["approver"],
            actor="Somebody else", kind="acknowledged",
        )  # fmt: skip
        found = rendered(world.home, kind="period", period_first=day, period_last=day + 2 * DAY,
                         assessment=Assessment.objects.get(tenant=world.home, number=0))  # fmt: skip
        events = TreatmentEvent.objects.filter(tenant=world.home, kind="acknowledged", at__lte=at(day))
        assert events.values("finding").distinct().count() == 1
    period = found.results["period"]
    assert period["treatment_counts"]["Acknowledged"] == 1
    text = found.text(tmp_path)
    assert "lists the changes of a period" in text
    assert "1 changed to failing" in text


def test_a_period_that_is_not_over_ends_with_the_figures_of_the_report(world: World, tmp_path: Path) -> None:
    """The figures recorded for the last day can be later than the report, so the report states its own figures."""
    with factories.in_tenant(world.home):
        day = last_day(world)
        Snapshot.objects.update_or_create(
            tenant=world.home, day=day, defaults={"score": 1.5, "adjusted": 2.5, "overdue": 666}
        )
        running = rendered(world.home, kind="period", period_first=day, period_last=day)
        with time_machine.travel(at(day + 2 * DAY), tick=False):
            over = rendered(world.home, kind="period", period_first=day, period_last=day)
    period = running.results["period"]
    assert period["until"] < (day + DAY).isoformat()
    assert period["after"] == {
        "day": day.isoformat(),
        "score": running.results["score"],
        "adjusted": running.results["adjusted"],
        "overdue": len(running.facts.of(results.PART).overdue),
    }
    assert over.results["period"]["after"] == {
        "day": day.isoformat(), "score": 1.5, "adjusted": 2.5, "overdue": 666,
    }  # fmt: skip
    assert "End of the period" in running.text(tmp_path)
    assert "End of the last day" in over.text(tmp_path)


def test_the_report_without_names_names_no_person(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        day = last_day(world)
        past_events(world, day)
        found = rendered(world.home, kind="period", period_first=day, without_names=True)
    person = world.people["organization_engineer"]
    people = {row["by"] for row in found.results["period"]["treatments"]}
    assert f"Person {person.pk}" in people
    for person in world.people.values():
        assert not [by for by in people if person.email in by or (person.name and person.name in by)]


def test_periods_that_make_no_sense_are_refused(world: World) -> None:
    with factories.in_tenant(world.home):
        day = last_day(world)
        cases: list[tuple[Choices, str]] = [
            ({"period_first": day, "period_last": day - DAY}, "must not be later than the last day"),
            ({"period_last": day + 5 * DAY}, "must not be in the future"),
            ({"period_first": date(1, 1, 1)}, "must not be before 2010-01-01"),
            ({"period_last": day - DAY}, "outside of the period"),
        ]
        for choices, reason in cases:
            with pytest.raises(InvalidInput) as refused:
                create_report(world.home, factories.BY, {**choices, "kind": "period"})
            assert reason in str(refused.value.fields), choices
        report = create_report(world.home, factories.BY, {"kind": "period"})
        assert (report.period_first, report.period_last) == (day - DEFAULT_DAYS * DAY, day)
        other = create_report(world.home, factories.BY, {"kind": "full", "period_first": day})
        assert other.period_first is None


def test_the_form_asks_for_the_days_and_shows_them(world: World) -> None:
    client = signed_in_client(world.people["organization_engineer"])
    address = reverse("reports", args=[world.home.slug])
    assert 'name="period_first"' not in client.get(address).content.decode()
    assert 'name="period_first"' in client.get(address, {"kind": "period"}).content.decode()
    with factories.in_tenant(world.home):
        assessment, day = newest(world), last_day(world)
    form = {
        "kind": "period",
        "assessment": assessment.pk,
        "framework": "cis-6.0.0",
        "classification": "Internal",
    }
    form |= {"paper": "a4", "period_last": day.isoformat()}
    build = reverse("report-build", args=[world.home.slug])
    refused = client.post(build, form | {"period_first": (day + DAY).isoformat()})
    assert refused.status_code == 400
    assert "must not be later than the last day" in refused.content.decode()
    assert client.post(build, form | {"period_first": (day - DAY).isoformat()}).status_code == 302
    with factories.in_tenant(world.home):
        report = Report.objects.latest("number")
    assert (report.period_first, report.period_last) == (day - DAY, day)
    assert f"period {day - DAY} to {day}" in " ".join(client.get(address).content.decode().split())


@pytest.mark.slow
def test_the_command_builds_it(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        day = last_day(world)
    file = tmp_path / "period.pdf"
    options = (world.home.slug, str(file), "--kind", "period")
    with pytest.raises(CommandError, match="outside of the period"):
        call_command("build_report", *options, "--to", (day - DAY).isoformat(), stdout=StringIO())
    call_command(
        "build_report",
        *options,
        "--from",
        (day - DAY).isoformat(),
        "--to",
        day.isoformat(),
        stdout=StringIO(),
    )
    assert file.read_bytes().startswith(b"%PDF")
    with factories.in_tenant(world.home):
        report = Report.objects.latest("number")
    assert (report.kind, report.period_first, report.period_last) == ("period", day - DAY, day)
