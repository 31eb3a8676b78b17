"""Facts that several parts of a report use: units, findings, exceptions, attestations and their files.

All times are UTC, all hashes are lower-case hex. Outcomes have the names that the assessment engine uses. The field
names are keys of `results.json`, so never rename them. Facts of a single part are in `portal.reports.parts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A subscription or directory to assess.

    - `trouble`: why nothing or only a part was assessed; empty if everything was assessed
    - `assessment_number`: number of the assessment that read the subscription or directory
    - `started_at`, `ended_at`, `requests`: when that assessment read it, and with how many API requests
    - `read_at`: end of the last assessment that could read it, or None
    - `stale`: whether `read_at` is None or, at the time of the report, more than `portal.reports.facts.units.MAX_AGE`
      ago
    """

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
    read_at: datetime | None = None
    stale: bool = False

    @property
    def reached(self) -> str:
        """The extent to which the subscription or directory was read: "completely", "partly" or "not at all"."""
        if self.state != "done":
            return "not at all"
        return "partly" if self.gaps else "completely"


@dataclass(frozen=True, slots=True)
class FindingFact:
    """A verdict with its treatment.

    - `subject`, `observed`: as Surety stores them
    - `subject_name`, `reason`, `expected`, `remarks`, `observed_text`: texts for people; in a report without names, the
      texts have ids instead of names
    - `known_with`: the permission or step that would make an unknown verdict known
    - `evidence`: SHA-256 hashes; `collected_at`: when Surety first read exactly this evidence
    - `confirmed_at`: when a reading of the unit last gave this verdict, None if unknown
    - `fix`: how to fix a failure; its commands sign in to the Entra directory `directory` of the cloud `cloud`
    - `subscription`: the name of the subject's subscription

    The treatment, as of the report's `treated_at`:

    - `shown`: the state (`portal.treatment.states.ShownState`); `exception`: the number of the covering exception
    - `acknowledged`: by whom, when, and the plan
    - `overdue_days`: for how many days the finding is overdue, at least 1; 0 if the finding is not overdue
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
    observed_text: str
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
    fix: str = ""
    directory: str = ""
    cloud: str = ""
    subscription: str = ""
    known_with: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file that a person attached to an exception or attestation. The report does not contain the file itself."""

    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ExceptionFact:
    """An exception, as it was at the report's `treated_at`.

    `about` describes the scope of the exception for people. `findings` is the number of findings in the exception's
    scope. `covers` is the number of failing verdicts that the exception covers. `changed` is the number of failing
    verdicts whose observed value differs from the approved value, so that the exception does not cover them.
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
    """The latest answer to a manual control, or the fact that there is no answer.

    `standing` is one of: met, not met, expired, outdated (the observed value has changed since the answer),
    never answered.
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
