"""Read the attestations of a review period, for the page and the export of auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from assessments.display.subjects import subject_text
from assessments.presentation.finding_names import names_for_findings
from portal.treatment.models import Attestation
from portal.treatment.naming import control_title
from portal.treatment.selectors.past_exceptions import show_reviewed_attestations
from portal.web.shared.visible import unit_names
from tenants.models import Tenant

HEADER: Final = (
    "control",
    "title",
    "subject",
    "subject id",
    "answer",
    "statement",
    "answered by",
    "answered at (UTC)",
    "valid until (UTC)",
    "withdrawn by",
    "withdrawn at (UTC)",
    "files (SHA-256)",
)


@dataclass(frozen=True, slots=True)
class Row:
    """An attestation, with the control that it answers and the resource that it is about."""

    attestation: Attestation
    title: str
    subject: object

    @property
    def answer(self) -> str:
        """The answer in words."""
        return "Met" if self.attestation.met else "Not met"


def attestations(tenant: Tenant) -> QuerySet[Attestation]:
    """Return the attestations of the tenant, newest first.

    For a person with a review period, the default manager selects only attestations that were in force in this period.
    """
    rows = Attestation.objects.filter(tenant=tenant)
    return rows.select_related("finding", "attested_by", "withdrawn_by").prefetch_related("files")


def rows(tenant: Tenant, found: Iterable[Attestation]) -> Iterator[Row]:
    """Yield the attestations with the names of their controls and resources."""
    found = list(found)
    show_reviewed_attestations(found)
    names = names_for_findings(tenant, [one.finding for one in found], unit_names(tenant))
    for one in found:
        subject = subject_text(one.finding.subject, one.finding.subject_name, names)
        yield Row(one, control_title(one.finding.control), subject)


def lines(tenant: Tenant) -> Iterator[list[Any]]:
    """Yield the lines of the export, without the header."""
    for row in rows(tenant, attestations(tenant)):
        one = row.attestation
        yield [
            one.finding.control,
            row.title,
            row.subject,
            one.finding.subject,
            row.answer.lower(),
            one.statement,
            one.attested_by,
            one.attested_at,
            one.valid_until,
            one.withdrawn_by,
            one.withdrawn_at,
            "\n".join(f"{file.name}: {file.sha256}" for file in one.files.all()),
        ]
