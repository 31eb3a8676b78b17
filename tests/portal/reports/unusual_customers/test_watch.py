"""Reports compare a complete assessment with the previous complete one, not with later assessments by the watch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assessments.models import Assessment
from portal.reports.actions import request_report
from portal.reports.attachments.oscal import assessment_results
from portal.reports.parts import activity, changes, period, resource_changes, scope
from portal.reports.parts.changes import ChangeCount
from portal.reports.parts.part import ReportFacts
from tenants.models import Organization, Person
from tests import factories
from tests.portal.reports.unusual_customers.assessed import Customer, Read, assess, customer, facts_of
from tests.portal.reports.unusual_customers.histories import printed


def watch(one: Customer, *safe: bool, trigger: Assessment.Trigger = Assessment.Trigger.WATCH) -> Assessment:
    """Assess the subscription as the watch does."""
    found = assess(one, [Read(one.subscriptions[0], safe)], only=True)
    with factories.in_tenant(one.tenant):
        Assessment.objects.filter(pk=found.pk).update(trigger=trigger)
    return found


@pytest.fixture
def watched(provider: Organization, engineer: Person) -> Customer:
    """A customer with a complete assessment, two by the watch, and a complete one.

    The watch found that the second account became insecure. The third account was insecure for a time.
    """
    one = customer(provider, engineer)
    place = one.subscriptions[0]
    assess(one, [Read(place, (True, True, True))])
    watch(one, True, False, False)
    watch(one, True, False, True)
    assess(one, [Read(place, (True, False, True))])
    return one


@pytest.mark.slow(seconds=1)
def test_what_the_watch_found_changed_since_the_previous_assessment(watched: Customer) -> None:
    with factories.in_tenant(watched.tenant):
        first = Assessment.objects.filter(tenant=watched.tenant, number=1)
        (ended_at,) = first.values_list("ended_at", flat=True)
        assert ended_at is not None
        first.update(created_at=ended_at - timedelta(days=1))  # Reports state when the assessment ended.
        found = facts_of(watched.tenant, kind="full").of(changes.PART)
    assert found.previous == f"assessment 1 of {ended_at:%Y-%m-%d %H:%M} UTC"
    failed = [fact for fact in found.changes if fact.after == "fail"]
    assert {(fact.subject_name, fact.before) for fact in failed} == {("store1", "pass")}
    assert ChangeCount("pass", "fail", len(failed)) in found.change_counts
    assert sum(count.number for count in found.change_counts) == len(found.changes)


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("trigger", Assessment.BY_WATCH)
def test_reports_do_not_take_assessments_by_the_watch_for_complete_ones(
    provider: Organization, engineer: Person, trigger: Assessment.Trigger
) -> None:
    """Some assessments by the watch read a whole subscription, as a complete assessment does."""
    one = customer(provider, engineer)
    first = assess(one, [Read(one.subscriptions[0], (True, True))])
    watch(one, True, False, trigger=trigger)
    assess(one, [Read(one.subscriptions[0], (True, False))])
    with factories.in_tenant(one.tenant):
        found = facts_of(one.tenant, kind="full")
        first.refresh_from_db()
    listed = found.of(resource_changes.PART).resource_changes
    assert listed is not None
    assert listed.since == first.ended_at
    assert found.of(changes.PART).previous.startswith("assessment 1 of ")
    assert ("pass", "fail") in {(fact.before, fact.after) for fact in found.of(changes.PART).changes}
    assert found.of(activity.PART).activity.assessments == 2


def test_a_change_report_compares_with_the_previous_complete_assessment(watched: Customer) -> None:
    with factories.in_tenant(watched.tenant):
        report = request_report(tenant=watched.tenant, by=factories.BY, kind="changes")
        assert (report.assessment.number, report.baseline_number) == (4, 1)
        chosen = Assessment.objects.get(tenant=watched.tenant, number=3)
        other = request_report(tenant=watched.tenant, by=factories.BY, kind="changes", baseline=chosen)
    assert other.baseline_number == 3


@pytest.mark.slow(seconds=1)
def test_without_a_complete_assessment_a_change_report_compares_with_the_previous_one(
    provider: Organization, engineer: Person
) -> None:
    one = customer(provider, engineer)
    for _ in range(2):
        assess(one, [Read(one.subscriptions[0], (True,))], only=True)
    with factories.in_tenant(one.tenant):
        report = request_report(tenant=one.tenant, by=factories.BY, kind="changes")
    assert report.baseline_number == 1


@pytest.mark.slow(seconds=3)
@pytest.mark.parametrize("trigger", Assessment.BY_WATCH)
@pytest.mark.parametrize(("maximum", "numbers"), [(2, [1, 4]), (3, [1, 2, 4])])
def test_a_report_over_a_period_leaves_out_assessments_of_the_watch_first(
    watched: Customer,
    monkeypatch: pytest.MonkeyPatch,
    maximum: int,
    numbers: list[int],
    trigger: Assessment.Trigger,
) -> None:
    with factories.in_tenant(watched.tenant):
        Assessment.objects.filter(trigger=Assessment.Trigger.WATCH).update(trigger=trigger)
    monkeypatch.setattr(period, "MAX_ASSESSMENTS", maximum)
    today = timezone.now().astimezone(UTC).date()
    with factories.in_tenant(watched.tenant):
        found = facts_of(watched.tenant, kind="period", period_first=today, period_last=today)
        text = printed(found, "period")
    context = period.PART.context(found)
    assert [row.number for row in context["assessments"]] == numbers
    assert context["assessments_more"] == 4 - maximum
    assert "Assessments that Surety started because of changes in Azure are left out first." in text


def _first_reading(facts: ReportFacts) -> datetime:
    return min(unit.started_at for unit in facts.of(scope.PART).units if unit.started_at)


@pytest.mark.slow(seconds=3)
def test_reports_on_the_watch_say_that_it_did_not_read_everything(
    provider: Organization, engineer: Person
) -> None:
    one = customer(provider, engineer, subscriptions=2)
    whole = [Read(place, (True,), gap=number == 1) for number, place in enumerate(one.subscriptions)]
    assess(one, whole)
    complete = assess(one, whole)
    watch(one, True)
    with factories.in_tenant(one.tenant):
        report = facts_of(one.tenant, kind="full", assessment=complete)
        full, register = printed(report, "full"), printed(report, "exceptions")
        newest = facts_of(
            one.tenant, kind="full", assessment=Assessment.objects.get(tenant=one.tenant, number=3)
        )
        watched, watched_register = printed(newest, "full"), printed(newest, "exceptions")
    missing = "1 of 2 subscriptions and directories could not be read completely"
    assert all(f"{missing}, so changes in them can be missing." in text for text in (full, watched))
    assert all(f"{missing}." in text for text in (register, watched_register))
    assert "did not read everything" not in full + register
    said = "Assessment 3 did not read everything: only changes assessed."
    up_to = (
        "Changes in subscriptions and directories that this assessment did not read are listed only up to their last"
        " reading."
    )
    assert f"{said} {up_to}" in watched
    earlier = "Verdicts that this assessment did not renew come from earlier assessments."
    assert f"{said} {earlier}" in watched_register
    oscal, other = (
        assessment_results(facts)["assessment-results"]["results"].items[0] for facts in (newest, report)
    )
    assert oscal["description"].endswith(f"{said} {earlier}")
    assert "did not read everything" not in other["description"]
    assert oscal["start"] == f"{_first_reading(newest):%Y-%m-%dT%H:%M:%S+00:00}"
