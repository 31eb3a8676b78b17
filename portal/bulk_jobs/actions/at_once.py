"""Carry out a bulk action at once, without a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.bulk_jobs.bulk_actions.base import BulkAction, Change
from portal.queries.findings.selection import FindingSelection
from portal.treatment.models import Batch
from tenants.models import Person, Tenant


@transaction.atomic
def carry_out(
    *, tenant: Tenant, by: Person, action: BulkAction, values: Mapping[str, Any], selection: FindingSelection
) -> Batch:
    """Carry out the action for the selected findings, and return the batch, which counts the changed findings.

    The caller checks the person's right (`BulkAction.require`). Raise InvalidInput for values that the action refuses,
    and Refusal if the action is refused for all findings.
    """
    parameters = action.parameters(tenant, by, values, timezone.now())
    batch = action.change(
        Change(tenant, selection.rows, by, action.read(parameters), filters=selection.query or "")
    )
    action.finish(batch, by)
    return batch
