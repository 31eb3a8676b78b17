"""The facts that a portfolio report states. The field names are keys of results.json, so never rename them;
`results.schema.json` describes them. All times are UTC. Scores and coverage are percentages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.reports.branding.selectors import BrandingFact


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts that identify the report. `level` and `signer` describe the report's signature, which is made later."""

    report_id: str
    number: int
    kind: str
    kind_name: str
    title: str
    organization: str
    requested_by: str
    created_at: datetime
    as_of: datetime
    classification: str
    product_version: str
    catalogue_hash: str
    controls: int
    level: str
    signer: str
    signer_fingerprint: str
    self_made: bool
    paper: str
    language: str
    branding: BrandingFact | None = None

    @property
    def provider(self) -> str:
        """The name of the organization. Templates that all reports use call it `provider`."""
        return self.organization


@dataclass(frozen=True, slots=True)
class Selection:
    """The customers that the report is about. `customers` is their number, `of` the number of the organization's
    unarchived customers. `left` is the number of chosen customers that the report leaves out, because they were
    archived before the report was built.
    """

    description: str
    label: str
    customers: int
    of: int
    left: int


@dataclass(frozen=True, slots=True)
class CustomerFact:
    """The figures of a customer.

    - `state`: read; partly (the newest assessment did not read everything); stale (last read more than seven days ago);
      not_read (no sign-in works, the last assessment of the whole customer failed, or no automatic check has a
      result); never (no assessment has read anything)
    - `reason`: why the state is not `read`
    - `read_at`: when the customer was last read
    - `score`: the adjusted score in percent; in the state not_read, the last recorded score
    - `difference`: the score minus the score of about 30 days ago, to one decimal place; None if the earlier score is
      not known
    - `open`: failures that are neither acknowledged nor excepted, by severity
    - `overdue_soon`: how many findings will be overdue in 30 days if nothing changes
    - `urgent`: the most urgent issue; `action`: the next step
    - `not_judged`: the number of controls that are switched off for the customer or not in its profile of controls

    In the states not_read and never, `coverage`, `open`, `overdue` and `overdue_soon` are None.
    """

    id: str
    name: str
    labels: tuple[str, ...]
    state: str
    reason: str
    read_at: datetime | None
    assessment: int | None
    score: float | None
    difference: float | None
    coverage: float | None
    open: Mapping[str, int] | None
    overdue: int | None
    overdue_soon: int | None
    unknown: int
    to_attest: int
    exceptions_pending: int
    exceptions_ending: int
    urgent: str
    action: str
    not_judged: int = 0

    @property
    def failures(self) -> int:
        """The number of open failures of all severities."""
        return sum((self.open or {}).values())


@dataclass(frozen=True, slots=True)
class EndingException:
    """An exception in force that ends within 30 days. `about` describes its scope. `covers` counts the failures whose
    observed value is still the approved value.
    """

    customer: str
    number: int
    about: str
    reason: str
    ends_at: datetime
    covers: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the customers. `mean_score` is the plain mean of the known scores; None if no score is known."""

    customers: int
    read: int
    partly: int
    stale: int
    not_read: int
    never: int
    open: Mapping[str, int]
    overdue: int
    overdue_soon: int
    unknown: int
    exceptions_pending: int
    exceptions_ending: int
    mean_score: float | None


@dataclass(frozen=True, slots=True)
class Integrity:
    """Hashes with which the report is verified.

    `journal_sequence` and `journal_hash` identify the last entry of the organization's journal. `attachments` is
    {name: SHA-256}. `results_sha256` and `attachments` are empty until the attachments have been written.
    """

    journal_sequence: int
    journal_hash: str
    results_sha256: str = ""
    attachments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortfolioFacts:
    """Everything that the report states. `customers` are sorted by urgency, as on the portfolio page."""

    identity: Identity
    selection: Selection
    customers: tuple[CustomerFact, ...]
    totals: Totals
    exceptions: tuple[EndingException, ...]
    integrity: Integrity
