"""Answers to manual controls at the time of a report, and the files that were added to answers and exceptions."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from portal.reports.facts.people import PersonLabel
from portal.reports.facts.shared import AttestationFact, FileFact, FindingFact
from portal.treatment.models import Attestation, EvidenceFile
from portal.treatment.naming import control_title
from portal.treatment.states import ShownState
from tenants.models import Tenant

_STANDINGS: Final = {ShownState.LAPSED: "expired", ShownState.NOT_MET: "not met", ShownState.ATTESTED: "met"}


def attestation_fact(
    fact: FindingFact,
    answer: Attestation | None,
    files: dict[UUID, tuple[FileFact, ...]],
    label: PersonLabel,
) -> AttestationFact:
    """Return the facts that the report states about the answer to a manual finding. `files` comes from
    `files_by_owner`.
    """
    return AttestationFact(
        finding=fact.id,
        control=fact.control,
        title=control_title(fact.control),
        severity=fact.severity,
        subject_name=fact.unit_name if fact.subject == fact.unit else fact.subject_name,
        subject=fact.subject,
        unit_name=fact.unit_name,
        # `_STANDINGS` has the states of findings whose answer counts or has expired. In other states, there is no
        # answer, or the observed value has changed since the answer.
        standing=_STANDINGS.get(ShownState(fact.shown), "outdated" if answer else "never answered"),
        statement=answer.statement if answer else "",
        attested_by=label(answer.attested_by) if answer else "",
        attested_at=answer.attested_at if answer else None,
        valid_until=answer.valid_until if answer else None,
        observed_changed=answer is not None and answer.observed_sha256 != fact.observed_sha256,
        files=files.get(answer.pk, ()) if answer else (),
    )


def answers_by_finding(tenant: Tenant, at: datetime) -> dict[str, Attestation]:
    """Return {id of a finding: its latest answer at the time `at`}. Ignore answers that had been withdrawn by `at`."""
    found = {}
    # Use the base manager. For an auditor, the usual manager selects only answers in force in the review period. If an
    # answer that expired earlier were missing, the report would say that nobody had answered.
    rows = Attestation._base_manager.filter(tenant=tenant, attested_at__lte=at).select_related("attested_by")
    for row in rows.order_by("attested_at", "id"):
        if row.withdrawn_at is None or row.withdrawn_at > at:
            found[str(row.finding_id)] = row
    return found


def files_by_owner(tenant: Tenant, at: datetime) -> dict[UUID, tuple[FileFact, ...]]:
    """Return {id of an exception or attestation: its files that had been uploaded by the time `at`}."""
    found: dict[UUID, tuple[FileFact, ...]] = {}
    for row in EvidenceFile.objects.filter(tenant=tenant, uploaded_at__lte=at).order_by("uploaded_at", "id"):
        owner = row.exception_id or row.attestation_id
        if owner is not None:
            fact = FileFact(row.name, row.content_type, row.size, row.sha256, row.uploaded_at)
            found[owner] = (*found.get(owner, ()), fact)
    return found
