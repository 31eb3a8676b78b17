"""The part “Integrity and verification”. It states hashes and the journal's head, and how to verify the report
offline.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop

from portal.reports.facts.evidence import stored_evidence
from portal.reports.facts.source import ReportSource
from portal.reports.kinds import WITH_COVER
from portal.reports.parts.part import Part, in_schema
from tenants import journal
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Integrity:
    """Hashes for checking the report.

    `attachments`, `evidence_sha256` and `results_sha256` are filled in when the attachments are written.

    - `attachments`: {name: SHA-256} of the attachments that are written before results.json, so that results.json can
      list them
    - `evidence_sha256`: the hash of the evidence manifest, even if the manifest is not attached
    - `results_sha256`: the hash of results.json; results.json itself cannot contain this hash
    - `journal_sequence`, `journal_hash`: the last entry of the customer's journal
    - `journal_problems`: defects of the journal's chain or of the stored evidence
    - `evidence_items`: number of stored pieces of evidence that the findings cite
    """

    journal_sequence: int
    journal_hash: str = field(
        metadata=in_schema("Hash of the journal’s last entry", pattern="^[0-9a-f]{64}$")
    )
    journal_problems: tuple[str, ...] = field(
        metadata=in_schema("Defects of the journal or of the stored evidence")
    )
    evidence_items: int
    evidence_sha256: str = field(
        default="", metadata=in_schema("SHA-256 of the evidence manifest", pattern="^[0-9a-f]{64}$")
    )
    results_sha256: str = field(
        default="", metadata=in_schema("Always empty, because the file cannot contain its own hash", const="")
    )
    attachments: Mapping[str, str] = field(
        default_factory=dict,
        metadata=in_schema(
            "SHA-256 of each attachment, except results.json and the OSCAL file, which are written after"
            " this list",
            additionalProperties={"type": "string", "pattern": "^[0-9a-f]{64}$"},
        ),
    )


@dataclass(frozen=True, slots=True)
class IntegrityFacts:
    """The facts of the part, under the key `integrity` of `results.json`."""

    integrity: Integrity


def _gather(source: ReportSource) -> IntegrityFacts:
    return IntegrityFacts(_integrity(source.tenant, source.treatment.evidence))


def _integrity(tenant: Tenant, cited: AbstractSet[bytes]) -> Integrity:
    head = journal.head(tenant)
    problems = [problem.message for problem in journal.verify(tenant, head)]
    stored = stored_evidence(tenant, cited).count()
    if stored != len(cited):
        problems.append(
            f"{len(cited) - stored} of {len(cited)} pieces of evidence that the findings refer to"
            f" {'is' if len(cited) - stored == 1 else 'are'} not stored."
        )
    return Integrity(
        journal_sequence=head.sequence,
        journal_hash=head.hash,
        journal_problems=tuple(problems),
        evidence_items=stored,
    )


PART = Part(
    "integrity",
    gettext_noop("Integrity and verification"),
    gather=_gather,
    kinds=WITH_COVER,
    position=280,
)
