"""Select the snapshots whose stored numbers are still correct."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from assessments.models import Assessment
from portal.treatment.models import Snapshot, TreatmentChange


def up_to_date_snapshots(ids: Collection[UUID]) -> QuerySet[Snapshot]:
    """Return the snapshots whose counts of verdicts include their tenant's newest assessment.

    Only assessments change verdicts, so no other change can make these counts out of date.
    """
    # Do not use `Assessment.objects` in this subquery: it would repeat the list of the tenants in scope for each
    # snapshot, and `Snapshot.objects` already limits the rows to these tenants.
    own = Assessment._base_manager.filter(tenant_id=OuterRef("tenant_id"))
    newest = own.order_by("-number").values("number")[:1]
    return Snapshot.objects.filter(tenant_id__any_of=ids, through=Subquery(newest)).exclude(verdicts=[])


def valid_shown_counts(ids: Collection[UUID], now: datetime) -> QuerySet[Snapshot]:
    """Return the snapshots whose numbers by shown state are still correct at `now`: no assessment, treatment or passed
    date has changed them since the snapshot.

    In their tenants' rows of `ControlCount`, the columns `STATES` and `TREATED` are correct too.
    """
    changed = TreatmentChange.objects.filter(tenant_id=OuterRef("tenant_id"), only_owner=False)
    return (
        up_to_date_snapshots(ids)
        .exclude(shown=[])
        .filter(Q(valid_until=None) | Q(valid_until__gt=now), ~Exists(changed), taken_at__lte=now)
    )


def valid_owner_counts(ids: Collection[UUID], now: datetime) -> QuerySet[Snapshot]:
    """Return the snapshots of `valid_shown_counts` whose numbers by owner are correct too:

    - `Snapshot.work`
    - in `ControlCount`: the numbers of unassigned and of overdue findings
    """
    changed = TreatmentChange.objects.filter(tenant_id=OuterRef("tenant_id"), only_owner=True)
    return valid_shown_counts(ids, now).filter(~Exists(changed), work__isnull=False)
