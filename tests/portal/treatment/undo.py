"""Undo a batch as the page does: with the bulk action that made it."""

from __future__ import annotations

from portal.treatment.actions.undo import undo as undo_action
from portal.treatment.models import Batch
from portal.web.findings.buttons.registry import action_that_made
from tenants.models import Person


def undo(*, batch: Batch, by: Person) -> int:
    """Undo the batch, and return the number of findings for which it was undone."""
    return undo_action(batch=batch, by=by, restore=action_that_made(batch).restore)
