"""The rows of the portfolio. Each row is one customer, with its figures and its most urgent fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from assessments.extent import extent_label
from assessments.models import Assessment
from portal.queries.portfolio import ExceptionCounts, ScoreHistory
from portal.treatment.selectors.scores import Standing
from portal.treatment.states import ShownState
from portal.web.shared.run_state import run_key
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

# The score is compared with the score of this many days ago.
COMPARED_DAYS: Final = 30
_TO_ATTEST: Final = (ShownState.MANUAL, ShownState.NOT_MET, ShownState.LAPSED)


class Place(NamedTuple):
    """An address: the name of a page, its arguments and its parameters. `url` is computed only for shown rows."""

    page: str
    args: tuple[object, ...]
    query: Mapping[str, object] = MappingProxyType({})

    @property
    def url(self) -> str:
        """The address."""
        found = reverse(self.page, args=self.args)
        return f"{found}?{urlencode(self.query, doseq=True)}" if self.query else found


class Urgent(NamedTuple):
    """A fact in at most about 40 characters, with its mark, the next action and the page of that action."""

    role: str
    icon: str
    text: str
    action: str
    place: Place | None

    @property
    def url(self) -> str:
        """The address of the page, empty without an action."""
        return self.place.url if self.place else ""


NOTHING_URGENT: Final = Urgent("pass", "tick", "Nothing urgent", "", None)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of findings with the address of their list. If `is_bad`, a number above zero is red."""

    label: str
    value: int
    url: str
    is_bad: bool = False


@dataclass
class Row:
    """One tenant of the portfolio.

    `rights` are the rights of the signed-in person in this tenant. `worst_controls` counts the tenant's open critical
    findings by control, and begins with the control that has the most. `worst_controls`, `history` and, for customers
    that cannot be read, `read_at` are read only for rows that a page shows. `portal.web.portfolio.urgency` sets `rank`,
    `needs_attention` and `urgent`; rank 0 is most urgent. `critical` and `high` are open findings, `overdue` those of
    every severity, `unknown` those without a verdict. `score` is adjusted, `coverage` the share of applicable verdicts
    that are known.
    """

    tenant: Tenant
    last: Assessment | None
    principals: list[ServicePrincipal]
    rights: frozenset[Capability]
    standing: Standing
    exceptions: ExceptionCounts
    now: datetime
    read_at: datetime | None = None
    history: ScoreHistory = field(default_factory=list)
    worst_controls: Sequence[tuple[str, int]] = ()
    status: str = ""
    rank: int = 0
    needs_attention: bool = False
    urgent: Urgent = NOTHING_URGENT
    critical: int = field(init=False)
    high: int = field(init=False)
    overdue: int = field(init=False)
    unknown: int = field(init=False)
    score: float | None = field(init=False)
    coverage: float | None = field(init=False)

    @property
    def may_start(self) -> bool:
        """Whether the person may start assessments of this tenant."""
        return Capability.ASSESS in self.rights

    def __post_init__(self) -> None:
        self.status = run_key(self.last) if self.last else ""
        # Filters, figures, order and urgency need these numbers of all rows.
        totals = self.standing.totals
        self.critical, self.high = totals.open.get("critical", 0), totals.open.get("high", 0)
        self.overdue, self.unknown = self.standing.overdue_total, totals.unknown
        self.score, self.coverage = totals.score, totals.coverage

    @cached_property
    def url(self) -> str:
        """The address of the customer."""
        return reverse("tenant", args=[self.tenant.slug])

    @property
    def last_score(self) -> float | None:
        """The last recorded score."""
        known = [score for _, score in self.history if score is not None]
        return known[-1] if known else None

    @property
    def is_known(self) -> bool:
        """Whether the last attempt to read the customer succeeded, at least in part."""
        return self.score is not None and not self.unreachable and self.status != "failed"

    @property
    def trend(self) -> list[float | None]:
        """The recorded scores, oldest first."""
        return [score for _, score in self.history]

    @property
    def difference(self) -> float | None:
        """The score minus the score of 30 days ago; None if one of the two scores is missing."""
        before = (self.now - timedelta(days=COMPARED_DAYS)).date()
        past = [score for day, score in self.history if day <= before and score is not None]
        return round(self.score) - round(past[-1]) if past and self.score is not None else None

    @cached_property
    def findings_url(self) -> str:
        """The address of the list of findings."""
        return reverse("findings", args=[self.tenant.slug])

    @property
    def counts(self) -> list[Count]:
        """The numbers that link to lists of findings."""
        return [
            Count(
                "Critical", self.critical, f"{self.findings_url}?state=open&severity=critical", is_bad=True
            ),
            Count("High", self.high, f"{self.findings_url}?state=open&severity=high"),
            Count("Overdue", self.overdue, f"{self.findings_url}?due=overdue", is_bad=True),
        ]

    @property
    def overdue_critical(self) -> int:
        """Overdue critical findings."""
        return self.standing.overdue.get("critical", 0)

    @property
    def to_attest(self) -> int:
        """Manual controls without a valid answer, or answered as not met."""
        return sum(self.standing.totals.states.get(state, 0) for state in _TO_ATTEST)

    @property
    def last_at(self) -> datetime | None:
        """The end of the newest assessment, or its start while it runs."""
        return (self.last.ended_at or self.last.created_at) if self.last else None

    @property
    def extent(self) -> str:
        """How much the newest assessment read, if it was partial; otherwise empty."""
        return extent_label(self.last) if self.last else ""

    @property
    def unreachable(self) -> bool:
        """Whether Microsoft refused the sign-in of a service principal."""
        return any(principal.last_error_code for principal in self.principals)

    @property
    def credential_days(self) -> int | None:
        """Full days until the first credential ends, negative after its end; None if no credential's end is
        known."""
        ends = [principal.expires_at for principal in self.principals if principal.expires_at]
        return (min(ends) - self.now).days if ends else None
