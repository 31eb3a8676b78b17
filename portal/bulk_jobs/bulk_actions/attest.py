"""Answer manual controls with one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.base import BulkAction, Reason, Step
from portal.bulk_jobs.bulk_actions.values import Value, ValueType
from portal.treatment.actions.attestations.attest import MAX_STATEMENT, attest, check_answer
from portal.treatment.actions.attestations.bulk import KIND as KEY
from portal.treatment.actions.attestations.bulk import restore_answers
from portal.treatment.models import Batch
from tenants.errors import Refusal
from tenants.models import Person, Tenant
from tenants.roles import Capability

MAX_FINDINGS: Final = 5000
_STEP: Final = 50
_NOT_MANUAL: Final = Reason(
    "not_manual", "The verdict of the finding is not “manual”, so it needs no answer."
)
_CHANGED: Final = Reason("changed_meanwhile", "The observed value has changed since the job was requested.")


class Attest(BulkAction):
    """Attest manual findings, if their observed value has not changed since the request.

    A batch lists all of its attestations in its row, so the number of findings is limited. The steps are smaller than
    the steps of other bulk actions, because each attestation takes several queries and a journal entry.
    """

    key = KEY
    label = "Attest"
    button = "Answer controls"
    icon = "attestations"
    position = 50
    capabilities = (Capability.ATTEST,)
    values = (
        Value(
            "met",
            "Answer",
            ValueType.BOOLEAN,
            choices={True: "Met", False: "Not met"},
            help="Whether the control is met",
        ),
        Value("statement", "Statement", max_length=MAX_STATEMENT, help="What was checked and found"),
        Value("valid_until", "Valid until", ValueType.TIME, help="At most 366 days from now"),
    )
    reasons = (_NOT_MANUAL, _CHANGED)
    step = _STEP
    max_findings = MAX_FINDINGS
    depends_on_observed = True

    def parameters(
        self, tenant: Tenant, by: Person, values: Mapping[str, Any], now: datetime
    ) -> dict[str, Any]:
        check_answer(values["statement"], values["valid_until"], now)
        return super().parameters(tenant, by, values, now)

    def skipped(self, step: Step) -> dict[UUID, Reason]:
        manual = step.rows.filter(outcome=Finding.Outcome.MANUAL, gone_at__isnull=True)
        observed = dict(manual.values_list("pk", "observed_sha256"))
        found = {}
        for item in step.items:
            if item.finding_id not in observed:
                found[item.finding_id] = _NOT_MANUAL
            elif observed[item.finding_id] != item.seen_sha256:
                found[item.finding_id] = _CHANGED
        return found

    def run(self, step: Step) -> dict[UUID, Reason]:
        values = self.read(step.job.parameters)
        rows = {row.pk: row for row in step.rows}
        given, failed = [], {}
        for item in step.items:
            try:
                attestation = attest(
                    finding=rows[item.finding_id],
                    by=step.by,
                    met=values["met"],
                    statement=values["statement"],
                    valid_until=values["valid_until"],
                    seen=item.seen_sha256,
                    now=step.now,
                )
            except Refusal as error:
                failed[item.finding_id] = Reason(error.code, error.message)
            else:
                given.append(str(attestation.pk))
        self._add(step, given)
        return failed

    def _add(self, step: Step, given: list[str]) -> None:
        batch = step.job.batch
        if batch is None:
            step.job.batch = Batch.objects.create(
                tenant=step.tenant,
                kind=self.key,
                by=step.by,
                at=step.now,
                count=len(given),
                filters=step.job.filters,
                values={"met": step.job.parameters["met"], "attestations": given},
            )
            return
        batch.values["attestations"] += given
        batch.count, batch.at = batch.count + len(given), step.now
        batch.save(update_fields=["values", "count", "at"])

    def restore(self, batch: Batch, by: Person, at: datetime) -> int:
        return restore_answers(batch, by, at)


ACTION = Attest()
