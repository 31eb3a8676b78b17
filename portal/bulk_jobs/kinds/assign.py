"""Assign findings to a person, or remove their owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from portal.bulk_jobs.kinds.base import JobKind, Reason, ShownValue, Step
from portal.bulk_jobs.models import BulkJob
from portal.treatment.actions.owners.assign import assign, notify_of_batch, owner_with_address
from portal.treatment.actions.restore import restore_owners
from portal.treatment.models import Batch, Treatment
from tenants.models import Person, Tenant
from tenants.roles import Capability

_HAS_THIS_OWNER: Final = Reason("has_this_owner", "The finding already has this owner.")


class Assign(JobKind):
    """Assign findings to a member by email address, or remove their owner."""

    key = "assign"
    label = "Assign"
    capabilities: ClassVar[tuple[Capability, ...]] = (Capability.ASSIGN,)
    shown_values = (ShownValue("email", "New owner", if_empty="None: the findings become unassigned"),)
    reasons = (_HAS_THIS_OWNER,)
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

    def run(self, step: Step) -> dict[UUID, Reason]:
        owner = step.job.parameters["owner"]
        step.job.batch = assign(
            tenant=step.tenant,
            findings=step.rows,
            owner=None if owner is None else Person.objects.get(pk=owner),
            by=step.by,
            filters=step.job.filters,
            kind=self.key,
            batch=step.job.batch,
            notify=False,
        )
        return {}

    def finish(self, job: BulkJob, by: Person) -> None:
        """Notify the owner once about all findings."""
        if job.batch is not None:
            notify_of_batch(batch=job.batch, by=by)

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_owners(batch, by, at)


KIND = Assign()
