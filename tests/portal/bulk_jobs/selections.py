"""Selections of findings for the tests of bulk actions, in the world's home tenant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.base import BulkAction
from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch, Treatment
from portal.web.findings.buttons.base import Button
from portal.web.findings.buttons.registry import action_that_made, buttons
from tenants.models import Person
from tenants.scope import person_scope
from tests import factories
from tests.portal.treatment.undo import undo
from tests.portal.web.world import World


@contextmanager
def acting(world: World, role: str) -> Iterator[Person]:
    """Open the scope of the person with that role, as a request does."""
    with person_scope(world.people[role]):
        yield world.people[role]


def failing(world: World) -> FindingSelection:
    """Select with a filter all failing findings that the person in scope may see."""
    selection = FindingSelection.parse({"q": ["verdict=fail"]}, world.home)
    assert selection is not None
    return selection


def button_of(action: BulkAction) -> Button:
    """Return the button of the action."""
    return next(button for button in buttons() if button.action is action)


def run(world: World, action: BulkAction, role: str, data: dict[str, str] | None = None) -> tuple[Batch, str]:
    """Press the button of the action for all failing findings, with the form data. Return its batch and its message."""
    button = button_of(action)
    with acting(world, role) as person:
        values = button.cleaned(world.home, data or {})
        batch = button.run(world.home, failing(world), person, values)
        # `action_that_made` must find this action, because the action determines who may undo the batch, and how.
        assert action_that_made(batch) is action
        return batch, action.result_text(batch)


def treatments(world: World) -> list[dict[str, object]]:
    """Return the treatment of each failing finding."""
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None).order_by("pk")
        # Undo leaves a treatment without values, which means the same as no treatment. The columns that copy values of
        # the finding are not compared.
        names = [
            field.attname
            for field in Treatment._meta.concrete_fields
            if field.name not in ("id", "tenant") and not field.name.startswith("finding")
        ]
        return [
            {name: value or None for name, value in row.items()}
            for row in rows.values("pk", *(f"treatment__{name}" for name in names))
        ]


def undo_restores(world: World, action: BulkAction, role: str, data: dict[str, str] | None = None) -> bool:
    """Return whether the action changes at least one failing finding, and undo restores all changed findings."""
    before = treatments(world)
    batch, _ = run(world, action, role, data)
    changed = sum(now != was for now, was in zip(treatments(world), before, strict=True))
    with acting(world, role) as person:
        undone = undo(batch=batch, by=person)
    return 0 < changed == batch.count == undone and treatments(world) == before


def offered_to(world: World, action: BulkAction) -> set[str]:
    """Return the roles that see the button of the action."""
    found = set()
    for role in world.people:
        with acting(world, role):
            if button_of(action).is_offered(world.home):
                found.add(role)
    return found


def owners(world: World) -> dict[object, object]:
    """Return {finding: its owner} for all failing findings."""
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None)
        return dict(rows.values_list("pk", "treatment__owner_id"))
