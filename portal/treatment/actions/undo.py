"""Undo a batch.

Only the person who made the batch can undo it, within 30 minutes. Findings that have changed since the batch keep their
values. Each kind of bulk action has its own function that restores values, for example those in
`portal.treatment.actions.restore`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.treatment.errors import WrongState
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Batch
from tenants import journal
from tenants.errors import PermissionDenied
from tenants.models import Person

type Restore = Callable[[Batch, Person, datetime], int]
"""A function that restores the values of the findings that have not changed since the batch, and returns the number of
these findings.
"""

UNDO_WINDOW: Final = timedelta(minutes=30)


@transaction.atomic
def undo(*, batch: Batch, by: Person, restore: Restore) -> int:
    """Call `restore` to restore the values that findings had before the batch. Return the number of restored findings.

    Findings that were changed after the batch are skipped. Raises PermissionDenied if another person made the batch.
    Raises WrongState if the batch was already undone or is older than 30 minutes.
    """
    if batch.by_id != by.pk:
        raise PermissionDenied("Only the person who made a change can undo it.", code="not_yours")
    tenant = batch.tenant
    lock_treatments(tenant.pk)
    batch.refresh_from_db()
    now = timezone.now()
    if batch.undone_at is not None:
        raise WrongState("This change was already undone. Reload the page.")
    if now - batch.at > UNDO_WINDOW:
        minutes = UNDO_WINDOW // timedelta(minutes=1)
        raise WrongState(f"Changes can be undone only for {minutes} minutes. Change the findings by hand.")
    count = restore(batch, by, now)
    batch.undone_at = now
    batch.save(update_fields=["undone_at"])
    journal.record(
        tenant=tenant,
        actor=by,
        action="finding.undone",
        target=f"batch:{batch.pk}",
        details={"kind": batch.kind, "count": count, "left": batch.count - count},
    )
    return count
