"""What a report states, as plain data: gathered once, then rendered as PDF, JSON, CSV and OSCAL alike.

All times are UTC. Outcomes are the engine's words (pass, fail, not_applicable, manual, unknown); a control
without any judgement is `not evaluated`, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Identity:
    """Part 1: which report this is. `level` and `signer` are those of the signature it is about to get."""

    report_id: str
    number: int
    title: str
    customer: str
    provider: str
    requested_by: str
    created_at: datetime
    as_of: datetime
    classification: str
    product_version: str
    assessed_with: str
    catalogue_hash: str
    catalogue_changed: bool
    assessment_id: str
    assessment_number: int
    level: str
    signer: str
    signer_fingerprint: str
    self_made: bool


@dataclass(frozen=True, slots=True)
class Principal:
    """A service principal that read a directory. `state` in words; never its secret."""

    client_id: str
    name: str
    directory: str
    directory_id: str
    cloud: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A subscription or directory that was to be judged. `trouble`: why it could not be, or only in part."""

    kind: str
    name: str
    azure_id: str
    scope_id: str
    state: str
    trouble: str
    requests: int
    throttled: int
    gaps: int
    started_at: datetime | None
    ended_at: datetime | None
    manifest_sha256: str
    assessment_number: int

    @property
    def reached(self) -> str:
        """How much of it was read: completely, in part, not at all."""
        if self.state != "done":
            return "not at all"
        return "in part" if self.gaps else "completely"


@dataclass(frozen=True, slots=True)
class Excluded:
    """A subscription that was not judged, and why."""

    name: str
    azure_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class GapFact:
    """What could not be read: a collection, in how many places, why, and the permission that allows it."""

    unit: str
    collection: str
    reason: str
    code: str
    permission: str
    places: int


@dataclass(frozen=True, slots=True)
class FindingFact:
    """One verdict. `overdue_days` > 0: the tenant's due date has passed. `evidence`: SHA-256s, hex.

    `shown` is the state after treatment (`portal.treatment.states.ShownState`), `exception` the number of the
    exception that covers it, `acknowledged` by whom, with the plan; all as of `ReportFacts.treated_at`.
    """

    id: str
    control: str
    severity: str
    subject: str
    subject_name: str
    subject_type: str
    resource_group: str
    unit: str
    unit_name: str
    outcome: str
    reason: str
    expected: str
    observed: Mapping[str, Any]
    observed_sha256: str
    unknown_because: str
    remarks: tuple[str, ...]
    evidence: tuple[str, ...]
    first_seen_at: datetime
    changed_at: datetime
    collected_at: datetime | None
    failing_since: datetime | None
    due_at: datetime | None
    overdue_days: int
    shown: str = ""
    owner: str = ""
    exception: int | None = None
    acknowledged: str = ""


@dataclass(frozen=True, slots=True)
class ControlFact:
    """A rule of the catalogue with everything that was judged by it."""

    slug: str
    title: str
    section: str
    severity: str
    judged: str
    why: str
    expected: str
    automated: bool
    references: Mapping[str, list[str]]
    parameters: Mapping[str, Any]
    counts: Mapping[str, int]
    not_evaluated: str
    findings: tuple[FindingFact, ...]

    @property
    def status(self) -> str:
        """The control's own verdict: the gravest of its findings, and unknown never hidden behind a pass."""
        for outcome in ("fail", "unknown", "manual", "pass", "not_applicable"):
            if self.counts.get(outcome):
                return outcome
        return "not_evaluated"


@dataclass(frozen=True, slots=True)
class SectionFact:
    """A section of the catalogue with its scores and its controls."""

    key: str
    name: str
    score: float | None
    adjusted: float | None
    coverage: float | None
    counts: Mapping[str, int]
    controls: tuple[ControlFact, ...]


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """A verdict that changed in the assessment reported on. `before` is `` for a subject that is new."""

    control: str
    title: str
    severity: str
    subject_name: str
    subject: str
    before: str
    after: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file that somebody added to an exception or an attestation; it is held, not attached. `sha256` in hex."""

    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ExceptionFact:
    """One line of the register. `state` as of `ReportFacts.treated_at`; `about` says what it means, in words.

    `findings`: how many it means, `covers`: how many failing verdicts of this report it covers, `changed`: how
    many it does not cover because something else is observed than was approved.
    """

    number: int
    scope: str
    about: str
    state: str
    because: str
    reason: str
    compensating_control: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    starts_at: datetime
    ends_at: datetime
    ended_by: str
    ended_at: datetime | None
    end_note: str
    maximum: int
    findings: int
    covers: int
    changed: int
    files: tuple[FileFact, ...]


@dataclass(frozen=True, slots=True)
class AttestationFact:
    """The answer to a manual verdict that counts. `standing`: met, not met, expired, asked anew (it was about
    what was observed then, and something else is now), or never answered.
    """

    finding: str
    control: str
    title: str
    severity: str
    subject_name: str
    subject: str
    unit_name: str
    standing: str
    statement: str
    attested_by: str
    attested_at: datetime | None
    valid_until: datetime | None
    observed_changed: bool
    files: tuple[FileFact, ...]


@dataclass(frozen=True, slots=True)
class Integrity:
    """What ties the report to the data. `evidence_sha256` is over the attached evidence manifest."""

    journal_sequence: int
    journal_hash: str
    journal_problems: tuple[str, ...]
    evidence_items: int
    evidence_sha256: str = ""
    results_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything of one report.

    `adjusted` is the score after treatment; `states` counts findings by shown state. `treated_at` is the moment
    whose treatments are stated: when the report was made, or, where a later assessment exists (`historic`),
    the end of the one reported on, as far as that can be rebuilt.
    """

    identity: Identity
    principals: tuple[Principal, ...]
    units: tuple[UnitFact, ...]
    excluded: tuple[Excluded, ...]
    gaps: tuple[GapFact, ...]
    resource_types: tuple[tuple[str, int], ...]
    sections: tuple[SectionFact, ...]
    frameworks: tuple[tuple[str, int], ...]
    score: float | None
    coverage: float | None
    counts: Mapping[str, int]
    open_by_severity: Mapping[str, int]
    due_days: Mapping[str, int]
    changes: tuple[ChangeFact, ...]
    previous: str
    requests: int
    throttled: int
    started_at: datetime | None
    ended_at: datetime | None
    historic: bool
    integrity: Integrity
    treated_at: datetime
    adjusted: float | None = None
    adjusted_counts: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    exceptions: tuple[ExceptionFact, ...] = ()
    attestations: tuple[AttestationFact, ...] = ()
    collections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def controls(self) -> list[ControlFact]:
        """All controls, in the catalogue's order."""
        return [control for section in self.sections for control in section.controls]

    @property
    def findings(self) -> list[FindingFact]:
        """All findings, control by control."""
        return [finding for control in self.controls for finding in control.findings]

    @property
    def overdue(self) -> list[FindingFact]:
        """The findings past their due date, the longest first."""
        late = [finding for finding in self.findings if finding.overdue_days > 0]
        return sorted(late, key=lambda finding: (-finding.overdue_days, finding.control, finding.subject))

    @property
    def statuses(self) -> Counter[str]:
        """Number of controls by status."""
        return Counter(control.status for control in self.controls)
