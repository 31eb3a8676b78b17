"""The times at which subscriptions and directories were read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessments.models import Assessment, Unit
from portal.reports.facts.units import MAX_AGE, read_times, unit_facts
from portal.reports.parts.scope import ScopeFacts
from tests import factories
from tests.portal.web.world import World

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def unit(**values: object) -> Unit:
    return Unit(
        kind=Unit.Kind.SUBSCRIPTION,
        azure_id="a",
        name="Production",
        assessment=Assessment(number=3),
        **values,
    )


@pytest.mark.parametrize(("age", "stale"), [(timedelta(), False), (MAX_AGE, False), (MAX_AGE * 1.01, True)])
def test_a_reading_older_than_the_maximum_age_is_stale(age: timedelta, stale: bool) -> None:
    (fact,) = unit_facts([unit(state=Unit.State.DONE)], {"/subscriptions/a": NOW - age}, NOW)
    assert (fact.read_at, fact.stale) == (NOW - age, stale)


def test_a_subscription_that_was_never_read_is_stale() -> None:
    (fact,) = unit_facts([unit(state=Unit.State.FAILED, error="Cannot sign in")], {}, NOW)
    assert fact.read_at is None
    assert fact.stale
    assert ScopeFacts((fact,), (), ()).nothing_read


def test_a_report_with_one_unit_that_was_read_has_a_result() -> None:
    facts = unit_facts([unit(state=Unit.State.FAILED), unit(state=Unit.State.DONE)], {}, NOW)
    assert not ScopeFacts(tuple(facts), (), ()).nothing_read


@pytest.mark.slow
def test_the_last_completed_reading_up_to_the_assessment_counts(world: World) -> None:
    with factories.in_tenant(world.home):
        first, last = Assessment.objects.filter(tenant=world.home).order_by("number")[:2]
        before = Unit.objects.get(assessment=first)
        Unit.objects.filter(assessment=last).update(state=Unit.State.FAILED)
        assert read_times(last) == {before.scope_id: before.ended_at}
        Unit.objects.filter(assessment=last).update(state=Unit.State.DONE)
        after = Unit.objects.get(assessment=last)
        assert read_times(last) == {after.scope_id: after.ended_at}
        assert read_times(first) == {before.scope_id: before.ended_at}


def test_the_watch_does_not_count_as_a_reading_of_the_subscription(world: World) -> None:
    """The watch reads only the resources that somebody changed."""
    with factories.in_tenant(world.home):
        first, last = Assessment.objects.filter(tenant=world.home).order_by("number")[:2]
        before = Unit.objects.get(assessment=first)
        Assessment.objects.filter(pk=last.pk).update(trigger=Assessment.Trigger.WATCH)
        assert read_times(last) == {before.scope_id: before.ended_at}
