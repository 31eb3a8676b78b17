"""Attest several manual findings with one statement as a batch, and undo the batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.attestations.attest import attest, withdraw_attestation
from portal.treatment.errors import NotManual
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Attestation, Batch, Treatment
from portal.treatment.selectors.exception_scope import binding_digest
from tenants.errors import Conflict, invalid
from tenants.models import Person, Tenant

KIND: Final = "attest"
# The maximum number of findings of one call. It is low, because each attestation stores its own copy of the statement
# and of the files.
MAX_FINDINGS: Final = 100
_UNDONE: Final = "Undone"


def seen_digest(findings: Iterable[Finding]) -> str:
    """Return the digest of the observed values that a person was shown."""
    return binding_digest({row.pk: row.observed_sha256 for row in findings})


@transaction.atomic
def attest_many(
    *,
    tenant: Tenant,
    findings: QuerySet[Finding],
    by: Person,
    met: bool,
    statement: str,
    valid_until: datetime,
    files: Sequence[File[bytes]] = (),
    seen: str | None = None,
    now: datetime | None = None,
) -> Batch:
    """Attest all of these manual findings, or none if one of them cannot be attested. The batch can be undone.

    `seen` is the `seen_digest` of the values that the person was shown. Raises the errors of `attest`.
    """
    lock_treatments(tenant.pk)
    rows = list(findings.filter(tenant=tenant).order_by("control", "pk")[: MAX_FINDINGS + 1])
    if not rows:
        raise NotManual("None of the selected controls needs an answer. Select manual controls.")
    if len(rows) > MAX_FINDINGS:
        raise invalid("finding", f"Answer at most {MAX_FINDINGS} controls at once. Select fewer controls.")
    if seen is not None and seen != seen_digest(rows):
        raise Conflict(
            "The results of the automatic checks have changed since you opened the page. Review them, then answer.",
            code="changed_meanwhile",
        )
    now = now or timezone.now()
    given = []
    for row in rows:
        for file in files:
            file.seek(0)
        given.append(
            attest(
                finding=row,
                by=by,
                met=met,
                statement=statement,
                valid_until=valid_until,
                files=files,
                now=now,
            )
        )
    return Batch.objects.create(
        tenant=tenant,
        kind=KIND,
        by=by,
        at=now,
        count=len(given),
        values={"met": met, "attestations": [str(one.pk) for one in given]},
    )


def restore_answers(batch: Batch, by: Person, at: datetime) -> int:
    """Withdraw those attestations of the batch that are still current. The previous answers are then in effect again.

    Return the number of withdrawn attestations.
    """
    current = Treatment.objects.filter(tenant=batch.tenant, attestation__isnull=False).values("attestation")
    rows = Attestation.objects.filter(
        tenant=batch.tenant,
        pk__in=batch.values["attestations"],
        withdrawn_at__isnull=True,
        valid_until__gt=at,
    )
    count = 0
    for row in rows.filter(pk__in=current):
        withdraw_attestation(attestation=row, by=by, note=_UNDONE, now=at)
        count += 1
    return count
