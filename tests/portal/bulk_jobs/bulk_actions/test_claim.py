"""Assign findings to oneself in bulk."""

from __future__ import annotations

from portal.bulk_jobs.bulk_actions.claim import ACTION
from tests.portal.bulk_jobs.cases import Case
from tests.portal.bulk_jobs.selections import offered_to, owners, run, undo_restores
from tests.portal.web.world import World

CASES = [
    Case(action="claim", words=[], values={}, shown=["New owner"]),
]


def test_only_unassigned_findings_are_assigned(world: World) -> None:
    before = owners(world)
    batch, message = run(world, ACTION, "organization_engineer")
    me = world.people["organization_engineer"].pk
    assert owners(world) == {finding: owner or me for finding, owner in before.items()}
    assert (batch.kind, batch.count) == ("claim", list(before.values()).count(None))
    assert message == f"Assigned {batch.count} findings to you."


def test_owners_who_see_only_their_own_findings_cannot_claim(world: World) -> None:
    roles = {"organization_administrator", "organization_engineer", "tenant_administrator"}
    assert offered_to(world, ACTION) == roles


def test_undo_restores_what_was_before(world: World) -> None:
    assert undo_restores(world, ACTION, "organization_engineer")
