"""Assign findings in bulk, and remove the owner of several findings."""

from __future__ import annotations

import pytest

from portal.bulk_jobs.bulk_actions.assign import ACTION
from portal.treatment.actions.owners.rules import apply_rules, create_rule
from tenants.errors import InvalidInput
from tests import factories
from tests.portal.bulk_jobs.cases import Case
from tests.portal.bulk_jobs.selections import acting, button_of, offered_to, owners, run, undo_restores
from tests.portal.web.world import World

CASES = [
    Case(
        action="assign",
        words=["--to", "owner@example.com"],
        values={"assign": {"email": "owner@example.com"}},
        shown=["New owner", "owner@example.com"],
    ),
    Case(
        action="assign",
        words=["--unassign"],
        values={"assign": {"email": None}},
        shown=["New owner", "None: the findings become unassigned"],
    ),
]


def test_all_selected_findings_get_the_owner(world: World) -> None:
    owner = world.people["owner"]
    batch, message = run(world, ACTION, "organization_engineer", {"owner": str(owner.pk)})
    assert set(owners(world).values()) == {owner.pk}
    # The new owner already owned one of the findings.
    assert batch.count == len(owners(world)) - 1
    assert message == f"Assigned {batch.count} findings to {owner.get_full_name()}."


def test_an_empty_choice_removes_the_owner(world: World) -> None:
    batch, message = run(world, ACTION, "organization_engineer", {"owner": ""})
    assert set(owners(world).values()) == {None}
    assert (batch.kind, batch.count, message) == ("assign", 1, "Unassigned 1 finding.")


def test_people_learn_that_owner_rules_assign_findings_again(world: World) -> None:
    owner, engineer = world.people["owner"], world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        create_rule(tenant=world.home, by=engineer, name="Everything", owner=owner)
    _, message = run(world, ACTION, "organization_engineer", {"owner": ""})
    assert message == "Unassigned 1 finding. Owner rules will assign 1 of them again."
    with factories.in_tenant(world.home):
        apply_rules(tenant=world.home, by=engineer)
    assert set(owners(world).values()) == {owner.pk}


@pytest.mark.parametrize("data", [{}, {"owner": "00000000-0000-4000-8000-000000000000"}])
def test_a_missing_or_foreign_owner_is_refused(world: World, data: dict[str, str]) -> None:
    with acting(world, "organization_engineer"), pytest.raises(InvalidInput, match="Choose an owner"):
        button_of(ACTION).cleaned(world.home, data)


def test_assigning_is_offered_to_roles_that_may_assign(world: World) -> None:
    roles = {"organization_administrator", "organization_engineer", "tenant_administrator"}
    assert offered_to(world, ACTION) == roles


def test_undo_restores_what_was_before(world: World) -> None:
    assert undo_restores(world, ACTION, "organization_engineer", {"owner": str(world.people["owner"].pk)})
