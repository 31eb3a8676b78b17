"""The declaration of a bulk action."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db.models import QuerySet

from assessments.estate.quantities import counted
from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.values import Value
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
class Change:
    """Findings that an action changes in one transaction. A button makes one change, and a job makes a change in each
    step.

    `values` is {name: value} of the action's `BulkAction.values`. `batch` is the batch of the job's earlier changes.
    """

    tenant: Tenant
    findings: QuerySet[Finding]
    by: Person
    values: Mapping[str, Any]
    filters: str
    batch: Batch | None = None


class BulkAction:
    """An action on many findings: a button of the selection bar, a job of the API and a command of the command line.

    A job works in steps of `step` findings, each in one transaction. `max_findings` is the maximum number of findings
    of a job.
    """

    key: ClassVar[str]
    """The name of the action in the API, in forms and in addresses. Batches store this key as their kind, so never
    rename a key.
    """
    label: ClassVar[str]
    """What the action does with the findings. The pages of bulk jobs show this text."""
    button: ClassVar[str] = ""
    """The text of the button, if it is not the label."""
    icon: ClassVar[str] = ""
    """The icon of the button."""
    position: ClassVar[int]
    """The position among the buttons of the selection bar. The button with the lowest number comes first."""
    capabilities: ClassVar[tuple[Capability, ...]]
    """The rights that the action needs. Button and job need the same rights."""
    values: ClassVar[tuple[Value, ...]] = ()
    """The values that the action needs besides the findings."""
    reasons: ClassVar[tuple[Reason, ...]]
    """The reasons why the action skips findings."""
    skipped_because: ClassVar[str] = ""
    """All `reasons` in one text, which follows the words “findings that” in a message of the findings page."""
    result: ClassVar[str] = ""
    """A sentence about the result of the button. Its `{findings}` becomes the number of changed findings, such as
    “3 findings”.
    """
    note: ClassVar[str] = ""
    """What else programs must know about the action: sentences for docs/api.md, without the last full stop."""
    step: ClassVar[int] = STEP
    max_findings: ClassVar[int] = MAX_FINDINGS
    cannot_be_undone: ClassVar[str] = ""
    """Why the action cannot be undone, and what to do instead. Empty if `restore` undoes the action."""
    depends_on_observed: ClassVar[bool] = False
    """Whether the job skips findings whose observed value has changed since the request."""

    def shown_values(self) -> tuple[Value, ...]:
        """Return the values that the page of a job shows, in the order in which it shows them. No value may be an id,
        because people read the page.
        """
        return self.values

    def require(self, tenant: Tenant) -> None:
        """Raise PermissionDenied if the person of the scope may not carry out the action for the customer. Raise
        NotFound if the person has no access to the customer.
        """
        for capability in self.capabilities:
            access.require(capability, tenant_id=tenant.pk)

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Return the values of a form or a request as JSON values, which are stored with a job. Raise InvalidInput for
        values that the action would refuse.
        """
        return {value.name: value.stored(values[value.name]) for value in self.values}

    def read(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Convert the JSON values that `parameters` has returned back into values of the action."""
        declared = {value.name: value for value in self.values}
        return {
            name: declared[name].read(stored) if name in declared else stored
            for name, stored in parameters.items()
        }

    @abstractmethod
    def skipped(self, step: Step) -> dict[UUID, Reason]:
        """Return the findings that the action would skip now, each with one of the `reasons`."""

    def change(self, change: Change) -> Batch:
        """Change the findings, and return the batch of the changes. The batch counts the changed findings, and its kind
        is the key of this action.

        Skip the findings that `skipped` returns: a job does not pass them, but the button passes all findings that are
        selected on the page. Raise Refusal if the action is refused for all findings. A job then stops.
        """
        raise NotImplementedError(
            f"The action {self.key} must define `change`. An action with a page of its own must define `run` instead."
        )

    def run(self, step: Step) -> dict[UUID, Reason]:
        """Carry out the action for the findings of a job's step. The step has no findings that `skipped` returns.
        Return the findings for which the action failed, each with the reason.

        Raise Refusal if the action is refused for all findings. The job then stops.
        """
        job = step.job
        job.batch = self.change(
            Change(step.tenant, step.rows, step.by, self.read(job.parameters), job.filters, job.batch)
        )
        return {}

    def finish(self, batch: Batch, by: Person) -> None:
        """Complete a batch after its last change, for example by sending one notice about all findings. This function
        is also called if the job was cancelled or stopped.
        """

    def result_text(self, batch: Batch) -> str:
        """Return a sentence about what the button has done."""
        return self.result.format(findings=counted(batch.count, "finding"))

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        """Undo a batch of this action, whether a page or a job made it. Return the number of restored findings."""
        raise NotImplementedError(
            f"The action {self.key} must define `restore`, or give a reason in `cannot_be_undone`."
        )
