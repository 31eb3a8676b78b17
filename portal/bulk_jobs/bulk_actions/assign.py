"""Assign findings to a person, or remove their owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from assessments.estate.quantities import counted
from portal.bulk_jobs.bulk_actions.base import BulkAction, Change, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from portal.treatment.actions.owners.assign import assign, notify_of_batch, owner_with_address
from portal.treatment.actions.restore import restore_owners
from portal.treatment.models import Batch, Treatment
from portal.treatment.selectors.owners import count_assigned_again
from tenants.models import Person, Tenant
from tenants.roles import Capability

_HAS_THIS_OWNER: Final = Reason("has_this_owner", "The finding already has this owner.")


class Assign(BulkAction):
    """Assign findings to a member by email address, or remove their owner."""

    key = "assign"
    label = "Assign"
    position = 20
    capabilities: ClassVar[tuple[Capability, ...]] = (Capability.ASSIGN,)
    values: ClassVar[tuple[Value, ...]] = (
        Value("email", "New owner", ValueType.EMAIL, if_empty="None: the findings become unassigned"),
    )
    reasons = (_HAS_THIS_OWNER,)
    skipped_because = "already have this owner"
    note = "`email` is null to remove the owner"

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        email: str | None = values["email"]
        if email is None:
            return {"owner": None, "email": None}
        owner = owner_with_address(tenant, email)
        return {"owner": str(owner.pk), "email": owner.email}

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        owner = step.job.parameters["owner"]
        if owner is None:
            same = step.rows.filter(treatment__owner__isnull=True)
        else:
            # Do not skip findings that an owner rule has assigned to the new owner. The job stores that a person has
            # made the assignment, so that owner rules no longer change it.
            same = step.rows.filter(treatment__owner=owner).exclude(
                treatment__owner_source=Treatment.Source.RULE
            )
        return dict.fromkeys(same.values_list("pk", flat=True), _HAS_THIS_OWNER)

    def change(self, change: Change) -> Batch:
        owner = change.values["owner"]
        return assign(
            tenant=change.tenant,
            findings=change.findings,
            owner=None if owner is None else Person.objects.get(pk=owner),
            by=change.by,
            filters=change.filters,
            kind=self.key,
            batch=change.batch,
            notify=False,
        )

    def finish(self, batch: Batch, by: Person) -> None:
        """Notify the owner once about all findings."""
        notify_of_batch(batch=batch, by=by)

    def result_text(self, batch: Batch) -> str:
        findings, owner = counted(batch.count, "finding"), batch.values["owner"]
        if owner is not None:
            return f"Assigned {findings} to {Person.objects.get(pk=owner).get_full_name()}."
        text = f"Unassigned {findings}."
        if again := count_assigned_again(batch):
            text += f" Owner rules will assign {again:,} of them again."
        return text

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_owners(batch, by, at)


ACTION = Assign()
