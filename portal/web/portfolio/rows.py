"""The rows of the portfolio: one customer each, with its figures and its most urgent fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from portal.queries.portfolio import (
    ExceptionCounts,
    ScoreHistory,
    credentials,
    exception_counts,
    last_read_at,
    latest_assessments,
    open_by_control,
    score_histories,
)
from portal.treatment.selectors.scores import Standing, standings
from portal.treatment.states import ShownState
from portal.web.portfolio.urgency import Urgent, most_urgent
from portal.web.shared.run_state import run_key
from portal.web.shared.visible import may
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability

# The score is compared with the score of this many days ago.
COMPARED_DAYS: Final = 30
_TO_ATTEST: Final = (ShownState.MANUAL, ShownState.NOT_MET, ShownState.LAPSED)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of findings with the query string of their list. It is red above zero if `is_bad`."""

    label: str
    value: int
    query: str
    is_bad: bool = False


@dataclass(slots=True)
class Row:
    """One tenant of the portfolio. `worst_controls`: its open critical findings by control, most findings first."""

    tenant: Tenant
    url: str
    last: Assessment | None
    read_at: datetime | None
    history: ScoreHistory
    principals: list[ServicePrincipal]
    may_start: bool
    standing: Standing
    exceptions: ExceptionCounts
    worst_controls: Sequence[tuple[str, int]]
    now: datetime
    status: str = ""
    rank: int = 0
    needs_attention: bool = False
    urgent: Urgent = field(init=False)

    def __post_init__(self) -> None:
        self.status = run_key(self.last) if self.last else ""
        self.rank, self.needs_attention, self.urgent = most_urgent(self)

    @property
    def score(self) -> float | None:
        """The adjusted score."""
        found: float | None = self.standing.adjusted["score"]
        return found

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
        """The score minus the one of 30 days ago; None if either is not known."""
        before = (self.now - timedelta(days=COMPARED_DAYS)).date()
        past = [score for day, score in self.history if day <= before and score is not None]
        return round(self.score) - round(past[-1]) if past and self.score is not None else None

    @property
    def coverage(self) -> float | None:
        """The share of applicable verdicts that are known."""
        found: float | None = self.standing.raw["coverage"]
        return found

    @property
    def critical(self) -> int:
        """Open critical findings."""
        return self.standing.open("critical")

    @property
    def high(self) -> int:
        """Open findings of high severity."""
        return self.standing.open("high")

    @property
    def overdue(self) -> int:
        """Overdue findings of every severity."""
        return self.standing.overdue_total

    @property
    def counts(self) -> list[Count]:
        """The numbers that link to lists of findings."""
        return [
            Count("Critical", self.critical, "state=open&severity=critical", is_bad=True),
            Count("High", self.high, "state=open&severity=high"),
            Count("Overdue", self.overdue, "due=overdue", is_bad=True),
        ]

    @property
    def overdue_critical(self) -> int:
        """Overdue critical findings."""
        return self.standing.overdue.get("critical", 0)

    @property
    def unknown(self) -> int:
        """Findings whose verdict is unknown."""
        return int(self.standing.raw["counts"].get("unknown", 0))

    @property
    def to_attest(self) -> int:
        """Manual controls without a valid answer, or answered as not met."""
        return sum(self.standing.states.get(state, 0) for state in _TO_ATTEST)

    @property
    def last_at(self) -> datetime | None:
        """The end of the newest assessment, or its start while it runs."""
        return (self.last.ended_at or self.last.created_at) if self.last else None

    @property
    def unreachable(self) -> bool:
        """Whether Microsoft refused the sign-in of a service principal."""
        return any(principal.last_error_code for principal in self.principals)

    @property
    def credential_days(self) -> int | None:
        """Full days until the first credential ends, negative after its end; None if no end is known."""
        ends = [principal.expires_at for principal in self.principals if principal.expires_at]
        return (min(ends) - self.now).days if ends else None


def read_rows(tenants: Sequence[Tenant]) -> list[Row]:
    """Read the rows of these tenants in a fixed number of queries."""
    ids = [tenant.pk for tenant in tenants]
    now = timezone.now()
    newest, read_at = latest_assessments(ids, ended=False), last_read_at(ids)
    stands, waiting = standings(tenants, now), exception_counts(ids, now)
    histories, principals = score_histories(ids, now=now), credentials(ids)
    worst = open_by_control([pk for pk in ids if stands[pk].open("critical")], "critical")
    return [
        Row(
            tenant=tenant,
            url=reverse("tenant", args=[tenant.slug]),
            last=newest.get(tenant.pk),
            read_at=read_at.get(tenant.pk),
            history=histories.get(tenant.pk, []),
            principals=principals.get(tenant.pk, []),
            may_start=may(Capability.ASSESS, tenant),
            standing=stands[tenant.pk],
            exceptions=waiting.get(tenant.pk, ExceptionCounts()),
            worst_controls=worst.get(tenant.pk, []),
            now=now,
        )
        for tenant in tenants
    ]
