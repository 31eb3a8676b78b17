"""The executive summary: two pages with the same numbers as the portal and the full report."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from assessments.actions.profiles import switch_off
from assessments.controls.profiles import OFF_REASONS
from assessments.models import Assessment, Finding, FindingChange, Unit
from portal.queries.tenant_overview.fix_next import fix_next
from portal.reports.parts import activity, conclusion, results, trend
from portal.reports.parts.conclusion import (
    first_step,
    headline,
    open_by_severity,
    open_failures,
    severity_list,
)
from portal.reports.parts.next_steps import steps
from portal.reports.parts.risks import risks
from portal.treatment.actions.figures.snapshots import take_snapshot
from portal.treatment.models import Snapshot
from portal.treatment.naming import control_problem
from portal.treatment.selectors.findings import visible_findings
from tenants.scope import person_scope
from tests import factories
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World, account, assess

pytestmark = pytest.mark.slow


def test_the_summary_has_two_pages_with_the_numbers_of_the_pages(world: World, tmp_path: Path) -> None:
    home, now = world.home, timezone.now()
    with factories.in_tenant(home):
        today = take_snapshot(tenant=home, now=now)
        past = Snapshot.objects.create(
            tenant=home, day=today.day - timedelta(days=40), taken_at=now, through=1, score=10.0, adjusted=12.5,
            states={"open": 7}, overdue=3,
        )  # fmt: skip
        found = rendered(home, kind="executive")
        late = Finding.objects.filter(tenant=home, outcome="fail", gone_at=None)
        assert late.exists()
    with person_scope(world.people["organization_engineer"]):
        groups = fix_next(home, visible_findings(home), now)
    assert found.pages == 2
    assert [(row.control.slug, row.open) for row in risks(found.facts)][: len(groups)] == [
        (group.control, group.open) for group in groups
    ]
    assert groups
    verdicts = found.facts.of(results.PART)
    assert sum(open_by_severity(found.facts).values()) == verdicts.states["open"]
    days = found.facts.of(trend.PART).trend
    assert (days[0].day, days[0].adjusted, days[0].open) == (past.day.isoformat(), 12.5, 7)
    assert days[-1].open == today.states["open"]
    text = found.text(tmp_path)
    for name in ("results.json", "evidence-manifest.json"):
        # A hash can be printed on two lines.
        assert hashlib.sha256(found.files[name]).hexdigest() in text.replace(" ", ""), name
    assert headline(found.facts) in text
    # The first step is the first group of “Fix next”, in the sentence as well as in the data.
    first = groups[0]
    assert found.results["fix_first"] == {
        "control": first.control,
        "problem": control_problem(first.control),
        "severity": first.severity,
        "open": first.open,
    }
    sentence = first_step(found.facts)
    failures = open_failures(first.severity, first.open)
    assert sentence == f"Fix “{control_problem(first.control)}” first: {failures}."
    assert sentence in text
    assert "points higher than on" in text or "points lower than on" in text
    assert "(12.5 %)" in text
    assert world.home.name in text
    for step in steps(found.facts):
        assert step.action in text
    assert "Page 2 of 2" in text
    assert not re.search(r"\dAdjusted|%\d+ open", text), (
        "the day, the scores and the failures are three lines"
    )
    assert f"Open failures: {severity_list(open_by_severity(found.facts))}." in text


def test_failures_of_a_control_are_divided_by_severity_like_on_the_page(world: World) -> None:
    """The context of a subject can change its failure's severity, so a control can have failures of two severities."""
    home, now = world.home, timezone.now()
    with factories.in_tenant(home):
        failing = Finding.objects.filter(
            tenant=home, outcome="fail", gone_at=None, control="storage-secure-transfer"
        )
        raised = failing.first()
        assert raised is not None
        Finding.objects.filter(pk=raised.pk).update(severity="critical", severity_rank=0)
        found = rendered(home, kind="executive")
        groups = fix_next(home, Finding.objects.all(), now, limit=99)
    assert len({(group.control, group.severity) for group in groups}) > len(
        {group.control for group in groups}
    )
    expected = [(group.control, group.severity, group.open) for group in groups]
    assert [(row.control.slug, row.severity, row.open) for row in risks(found.facts)] == expected
    first = found.facts.of(conclusion.PART).fix_first
    assert first is not None
    assert (first.control, first.severity, first.open) == expected[0]


def test_nothing_is_to_fix_first_if_nothing_is_open(world: World, tmp_path: Path) -> None:
    with factories.in_tenant(world.home):
        Finding.objects.filter(tenant=world.home, outcome="fail").update(
            outcome="pass", state="passing", failing_since=None
        )
        found = rendered(world.home, kind="executive")
    assert found.results["fix_first"] is None
    assert first_step(found.facts) == ""
    text = found.text(tmp_path)
    assert "No failure is open" in text
    assert "first:" not in text


def test_fixed_and_new_failures_are_those_of_the_recorded_changes(world: World) -> None:
    """Both assessments ended in the 30 days that the summary counts, so all failures count as new."""
    with factories.in_tenant(world.home):
        done = rendered(world.home, kind="executive").facts.of(activity.PART).activity
        failing = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None).count()
    assert done.new_failures == failing
    assert done.fixed == sum(done.fixed_controls.values())


def test_assessments_that_read_nothing_or_only_changes_are_not_completed(world: World) -> None:
    with factories.in_tenant(world.home):
        first = Assessment.objects.filter(tenant=world.home, number=1)
        summary = first.get().summary

        def completed() -> int:
            return rendered(world.home, kind="executive").facts.of(activity.PART).activity.assessments

        number = completed()
        first.update(summary={**summary, "units": {"done": 0, "failed": 1}})
        assert completed() == number - 1
        first.update(summary=summary, trigger=Assessment.Trigger.WATCH)
        assert completed() == number - 1


def test_failures_of_a_control_that_was_switched_off_are_not_fixed(world: World) -> None:
    own, by = world.of(world.home), world.people["organization_administrator"]
    failing = own["finding"]
    with factories.in_tenant(world.home):
        failing.refresh_from_db()
        assert failing.outcome == "fail"
        switch_off(tenant=world.home, by=by, slug=failing.control, reason="Another team checks it")
        same = Finding.objects.filter(tenant=world.home, control=failing.control, gone_at=None)
        outcomes = dict(same.values_list("subject_name", "outcome"))
    id_ = own["subscription"].subscription_id
    accounts = [account(id_, name, safe=outcome == "pass") for name, outcome in outcomes.items()]
    last = assess(world.home, own["subscription"], accounts, by=by)
    with factories.in_tenant(world.home):
        ended = FindingChange.objects.filter(tenant=world.home, assessment=last, before_outcome="fail")
        assert ended.filter(reason__in=OFF_REASONS).exists()
        done = rendered(world.home, kind="executive").facts.of(activity.PART).activity
    assert (done.fixed, done.removed, done.fixed_controls) == (0, 0, {})


def test_long_names_and_many_steps_still_fit_on_two_pages(world: World) -> None:
    with factories.in_tenant(world.home):
        world.home.name = (
            "Internationale Verwaltungs- und Beteiligungsgesellschaft für Infrastruktur mbH & Co. KG"
        )
        world.home.save()
        Finding.objects.filter(tenant=world.home, outcome="fail").update(
            failing_since=timezone.now() - timedelta(days=400)
        )
        for paper in ("a4", "letter"):
            assert rendered(world.home, kind="executive", paper=paper).pages == 2, paper


def test_an_assessment_that_read_nothing_has_no_result(world: World, tmp_path: Path) -> None:
    from assessments.models import Unit

    with factories.in_tenant(world.home):
        Unit.objects.filter(assessment__tenant=world.home).update(
            state=Unit.State.FAILED, error_code="AADSTS7000222", error="The client secret has expired."
        )
        found = rendered(world.home, kind="executive")
    text = found.text(tmp_path)
    assert "No result: nothing could be read" in text
    assert "adjusted score" not in text
    assert found.pages <= 2


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"critical": 2, "high": 5, "low": 1}, "2 critical, 5 high and 1 low"),
        ({"medium": 3}, "3 medium"),
        ({"critical": 0}, "none"),
    ],
)
def test_severities_are_listed_as_a_sentence(counts: dict[str, int], words: str) -> None:
    assert severity_list(counts) == words


@pytest.mark.parametrize("number", [1, 2])
def test_the_trend_ends_with_the_figures_of_the_report(world: World, number: int) -> None:
    """The day's snapshot can have later figures than the report, for example those of a later assessment."""
    home = world.home
    with factories.in_tenant(home):
        row = take_snapshot(tenant=home)
        Snapshot.objects.filter(pk=row.pk).update(score=1.5, adjusted=2.5, states={"open": 777}, overdue=666)
        assessment = Assessment.objects.get(tenant=home, number=number)
        found = rendered(home, kind="executive", assessment=assessment)
    verdicts, own = found.facts.of(results.PART), found.results["trend"][-1]
    assert found.facts.of(trend.PART).trend[-1].open == verdicts.states["open"] > 0
    assert own == {
        "day": found.results["treated_at"][:10],
        "score": found.results["score"],
        "adjusted": found.results["adjusted"],
        "open": found.results["states"]["open"],
        "overdue": len(verdicts.overdue),
        "applicable": sum(
            number for outcome, number in verdicts.counts.items() if outcome != "not_applicable"
        ),
    }


@pytest.mark.parametrize("has_grown", [True, False])
def test_the_summary_warns_if_the_earlier_score_is_about_far_fewer_resources(
    has_grown: bool, world: World
) -> None:
    """If `has_grown`, most of the customer's resources were connected after the earlier score. Otherwise, its
    resources have not changed.
    """
    home = world.home
    with factories.in_tenant(home):
        today = take_snapshot(tenant=home)
        Snapshot.objects.create(
            tenant=home,
            day=today.day - timedelta(days=40),
            score=10,
            adjusted=10,
            states={"open": 1} if has_grown else today.states,
        )
        found = rendered(home, kind="executive")
    earlier, own = trend.score_before(found.facts), found.facts.of(trend.PART).trend[-1]
    assert earlier is not None
    assert (earlier.applicable < own.applicable) is has_grown
    stated = f"there were {earlier.applicable} applicable verdicts on "
    assert (stated in " ".join(conclusion._sentences(found.facts))) is has_grown


def test_an_assessment_of_selected_units_is_compared_with_the_customers_past(
    world: World, tmp_path: Path
) -> None:
    home = world.home
    with factories.in_tenant(home):
        today = take_snapshot(tenant=home)
        for days in (40, 1):
            Snapshot.objects.create(
                tenant=home, day=today.day - timedelta(days=days), score=10, adjusted=10, states={"open": 1}
            )
        assessment = Assessment.objects.get(tenant=home, number=2)
        compared = trend.score_before(rendered(home, kind="executive", assessment=assessment).facts)
        unit = Unit.objects.filter(assessment=assessment).first()
        assert unit is not None
        Assessment.objects.filter(pk=assessment.pk).update(only=[f"/subscriptions/{unit.scope_id}"])
        assessment.refresh_from_db()
        found = rendered(home, kind="executive", assessment=assessment)
    assert compared is not None
    assert trend.score_before(found.facts) == compared
    last = found.facts.of(trend.PART).trend[-1]
    assert last.score == found.results["score"], "The verdicts are on the whole customer"
    text = found.text(tmp_path)
    assert "judged only selected subscriptions and directories" in text
    assert "Assessment 2 did not read everything: only 1 unit assessed." in text
    assert found.results["extent"] == "only 1 unit assessed"
