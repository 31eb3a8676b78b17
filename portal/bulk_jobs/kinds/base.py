"""The declaration of a kind of bulk job."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.models import Finding
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.treatment.models import Batch
from tenants import access
from tenants.models import Person, Tenant
from tenants.roles import Capability

MAX_FINDINGS: Final = 100_000
STEP: Final = 1000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a finding was skipped, or why the action failed for it: a code for programs and a sentence for people."""

    code: str
    message: str


NOT_VISIBLE: Final = Reason(
    "not_visible", "The finding no longer exists, or the token no longer gives access to it."
)
NOT_FAILING: Final = Reason("not_failing", "The finding does not fail.")


@dataclass(frozen=True, slots=True)
class Step:
    """The findings on which a job works in one transaction, and the time of this transaction. `items` are the job's
    rows for these findings, which have no result yet. The transaction holds the lock of the customer's treatments.
    """

    job: BulkJob
    tenant: Tenant
    by: Person
    items: Sequence[BulkJobItem]
    now: datetime

    @property
    def rows(self) -> QuerySet[Finding]:
        """The findings of this step."""
        return Finding.objects.filter(tenant=self.tenant, pk__in=[item.finding_id for item in self.items])


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value of a job that the page of the job shows.

    - `name`: the name of the value in the parameters of the job
    - `label`: the name of the value on the page
    - `read`: returns the text, the day or the time to show for the stored value
    - `if_empty`: the text for an empty value. If this text is empty too, the page does not show the value
    """

    name: str
    label: str
    read: Callable[[Any], str | date] = str
    if_empty: str = ""


class JobKind:
    """A kind of job: an action on findings, carried out with the functions that pages use.

    A job works in steps of `step` findings, each in one transaction. `max_findings` is the maximum number of findings
    of a job.
    """

    key: ClassVar[str]
    """The name of the action in the API, in forms and in addresses. Batches store this key as their kind, so never
    rename a key.
    """
    label: ClassVar[str]
    """What the job does with the findings. The pages of bulk jobs show this text."""
    capabilities: ClassVar[tuple[Capability, ...]]
    """The rights that the action needs. The button on the findings page and the job need the same rights."""
    shown_values: ClassVar[tuple[ShownValue, ...]] = ()
    """The values that the page of a job shows: all values of the request, in this order. Do not show ids."""
    reasons: ClassVar[tuple[Reason, ...]]
    """The reasons why the action skips findings."""
    note: ClassVar[str] = ""
    """What else programs must know about the action: sentences for docs/api.md, without the last full stop."""
    step: ClassVar[int] = STEP
    max_findings: ClassVar[int] = MAX_FINDINGS
    cannot_be_undone: ClassVar[str] = ""
    """Why the action cannot be undone, and what to do instead. Empty if `restore` undoes the action."""
    depends_on_observed: ClassVar[bool] = False
    """Whether the job skips findings whose observed value has changed since the request."""

    def require(self, tenant: Tenant) -> None:
        """Raise PermissionDenied if the person of the scope may not carry out the action for the customer. Raise
        NotFound if the person has no access to the customer.
        """
        for capability in self.capabilities:
            access.require(capability, tenant_id=tenant.pk)

    @abstractmethod
    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Return the values of a request as JSON values, which are stored with the job. Raise InvalidInput for values
        that the action would refuse.
        """

    @abstractmethod
    def skipped(self, step: Step) -> dict[UUID, Reason]:
        """Return the findings that the action would skip now, each with one of the `reasons`."""

    @abstractmethod
    def run(self, step: Step) -> dict[UUID, Reason]:
        """Carry out the action for the findings of a step. The step no longer contains findings that are skipped.
        Return the findings for which the action failed, each with the reason.

        Raise Refusal if the action is refused for all findings. The job then stops.
        """

    def finish(self, job: BulkJob, by: Person) -> None:
        """Complete a job that has ended, for example by sending one notice about all findings. This function is also
        called if the job was cancelled or stopped.
        """

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        """Undo a batch of this action, whether a page or a job made it. Return the number of restored findings."""
        raise NotImplementedError(
            f"The action {self.key} must define `restore`, or give a reason in `cannot_be_undone`."
        )
