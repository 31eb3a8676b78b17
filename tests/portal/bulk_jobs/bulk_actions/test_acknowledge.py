"""Acknowledge findings in bulk."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from portal.bulk_jobs.bulk_actions.acknowledge import ACTION
from portal.treatment.models import Batch, Treatment
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.bulk_jobs.cases import Case
from tests.portal.bulk_jobs.selections import acting, button_of, offered_to, run, undo_restores
from tests.portal.web.world import World

CASES = [
    Case(
        action="acknowledge",
        words=["--plan", "Clean-up", "--planned-for", "2099-01-31"],
        values={"acknowledge": {"plan": "Clean-up", "planned_for": "2099-01-31"}},
        shown=["Clean-up", "Planned for"],
    ),
]


def test_all_selected_failures_are_acknowledged_with_the_plan(world: World) -> None:
    data = {"plan": "Next sprint", "planned_for": "2027-01-31"}
    batch, message = run(world, ACTION, "organization_engineer", data)
    with factories.in_tenant(world.home):
        treatments = Treatment.objects.filter(acknowledged_by=world.people["organization_engineer"])
        plans = set(treatments.values_list("plan", "planned_for"))
        assert (treatments.count(), plans) == (batch.count, {("Next sprint", date(2027, 1, 31))})
    assert batch.kind == "acknowledge"
    assert message == f"Acknowledged {batch.count} findings."


def test_a_day_for_many_findings_keeps_their_plans(world: World) -> None:
    run(world, ACTION, "organization_engineer", {"plan": "Next sprint"})
    batch, _ = run(world, ACTION, "organization_engineer", {"planned_for": "2099-01-31"})
    with factories.in_tenant(world.home):
        rows = Treatment.objects.filter(acknowledged_by=world.people["organization_engineer"])
        assert rows.count() == batch.count
        assert set(rows.values_list("plan", "planned_for")) == {("Next sprint", date(2099, 1, 31))}


def test_the_refusal_of_an_invalid_date_names_the_field(world: World) -> None:
    with (
        acting(world, "organization_engineer"),
        pytest.raises(InvalidInput, match=r"^Planned for: Enter a valid date\.$"),
    ):
        button_of(ACTION).cleaned(world.home, {"planned_for": "31.12."})


def test_the_browser_refuses_days_that_have_passed(world: World) -> None:
    with time_machine.travel("2026-11-29T23:30:00Z", tick=False):
        for zone, day in (("UTC", "2026-11-29"), ("Europe/Berlin", "2026-11-30")):
            world.home.timezone = zone
            with acting(world, "organization_engineer"):
                field = button_of(ACTION).form(world.home).fields["planned_for"]
            assert field.widget.attrs["min"] == day


def test_large_numbers_have_a_separator() -> None:
    texts = [ACTION.result_text(Batch(count=number)) for number in (1, 1463)]
    assert texts == ["Acknowledged 1 finding.", "Acknowledged 1,463 findings."]


def test_owners_may_acknowledge_in_bulk(world: World) -> None:
    roles = {"organization_administrator", "organization_engineer", "tenant_administrator", "owner"}
    assert offered_to(world, ACTION) == roles


def test_undo_restores_what_was_before(world: World) -> None:
    assert undo_restores(world, ACTION, "organization_engineer", {"plan": "Next sprint"})
