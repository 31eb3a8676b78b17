"""The figures of each customer in lists of many customers: the portfolio page and the portfolio report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from assessments.models import Assessment
from assessments.presentation.extent import extent_label
from assessments.scoring import whole_percent
from portal.queries.portfolio.by_tenant import (
    ExceptionCounts,
    ScoreHistory,
    credentials,
    exception_counts,
    last_read_at,
    latest_assessments,
    open_by_control,
    score_histories,
)
from portal.queries.run_state import run_key
from portal.queries.tenant_overview.daily_scores import score_to_compare
from portal.treatment.selectors.scores import CustomerTotals, customer_totals
from portal.treatment.states import ShownState
from tenants.models import ServicePrincipal, Subscription, Tenant

_TO_ATTEST: Final = (ShownState.MANUAL, ShownState.NOT_MET, ShownState.LAPSED)


@dataclass
class CustomerFigures:
    """The figures of one customer.

    - `score`: the adjusted score; `coverage`: the share of applicable verdicts that are known
    - `critical`, `high`: the number of open findings of that severity; `overdue`: the number of overdue findings of all
      severities; `unknown`: the number of unknown verdicts
    - `worst_controls`: (control, number of its open critical findings), largest number first; empty if a critical
      finding is overdue, because pages then show overdue findings instead
    - `is_delegated`: no service principal of the customer can sign in, but the organization's service principal reads
      a subscription of the customer

    The function `complete` sets `worst_controls`, `history` and, for customers that cannot be read, `read_at`.
    """

    tenant: Tenant
    last: Assessment | None
    principals: list[ServicePrincipal]
    standing: CustomerTotals
    exceptions: ExceptionCounts
    now: datetime
    read_at: datetime | None = None
    history: ScoreHistory = field(default_factory=list)
    worst_controls: Sequence[tuple[str, int]] = ()
    is_delegated: bool = False
    status: str = ""
    critical: int = field(init=False)
    high: int = field(init=False)
    overdue: int = field(init=False)
    unknown: int = field(init=False)
    score: float | None = field(init=False)
    coverage: float | None = field(init=False)

    def __post_init__(self) -> None:
        self.status = run_key(self.last) if self.last else ""
        # Compute these numbers once, because filters, sums, orders and urgency need them for all customers.
        totals = self.standing.totals
        self.critical, self.high = totals.open.get("critical", 0), totals.open.get("high", 0)
        self.overdue, self.unknown = self.standing.overdue_total, totals.unknown
        self.score, self.coverage = totals.score, totals.coverage

    @property
    def last_score(self) -> float | None:
        """The last recorded score of the past 90 days."""
        known = [score for _, score in self.history if score is not None]
        return known[-1] if known else None

    @property
    def is_known(self) -> bool:
        """Whether the last attempt to read the customer succeeded, at least in part."""
        was_read = not self.unreachable and not self.has_failed
        return was_read and (self.score is not None or self._nothing_applies)

    @property
    def has_failed(self) -> bool:
        """Whether the newest assessment should have read the whole customer, but could read nothing.

        A failed assessment of only some subscriptions or directories does not count, because the verdicts on the others
        remain valid.
        """
        return self.last is not None and self.status == "failed" and not self.last.only

    @property
    def _nothing_applies(self) -> bool:
        """Whether the customer has findings, but all are not applicable or excepted. Such a customer has no score,
        although it was read.
        """
        return self.score is None and not self.unknown and any(self.standing.totals.states.values())

    @property
    def trend(self) -> list[float | None]:
        """The recorded scores, oldest first."""
        return [score for _, score in self.history]

    @property
    def score_before(self) -> float | None:
        """The score of 30 days ago, None if it is missing."""
        return score_to_compare(self.history, self.now.date())

    @property
    def difference(self) -> int | None:
        """The score minus the score of 30 days ago, both in whole percent as on pages. None if one of the two scores is
        missing.
        """
        before = self.score_before
        return (
            None
            if before is None or self.score is None
            else whole_percent(self.score) - whole_percent(before)
        )

    @property
    def overdue_critical(self) -> int:
        """The number of overdue critical findings."""
        return self.standing.overdue.get("critical", 0)

    @property
    def to_attest(self) -> int:
        """The number of manual controls without a valid answer, or answered as not met."""
        return sum(self.standing.totals.states.get(state, 0) for state in _TO_ATTEST)

    @property
    def last_at(self) -> datetime | None:
        """The end of the newest assessment or, while the assessment runs, its start."""
        return (self.last.ended_at or self.last.created_at) if self.last else None

    @property
    def extent(self) -> str:
        """A text about the extent of the newest assessment, if the assessment did not read everything. Otherwise, an
        empty text.
        """
        return extent_label(self.last) if self.last else ""

    @property
    def unreachable(self) -> bool:
        """Whether nothing can be read: Microsoft refused the sign-in of every enabled service principal of the
        customer, and the organization's service principal reads no subscription of the customer.
        """
        return bool(self.principals) and len(self.refused) == len(self.principals) and not self.is_delegated

    @property
    def refused(self) -> list[ServicePrincipal]:
        """The enabled service principals whose sign-in Microsoft refused."""
        return [principal for principal in self.principals if principal.last_error_code]

    @property
    def credential_days(self) -> int | None:
        """Days until the first credential ends, rounded up as in notices. After the end, the number is negative. If no
        credential's end is known, the number is None.
        """
        ends = self._ends()
        if not ends:
            return None
        left = min(ends) - self.now
        return -(-left // timedelta(days=1)) if left > timedelta() else -1

    @property
    def expired(self) -> int:
        """The number of enabled service principals whose credential has ended."""
        return sum(end <= self.now for end in self._ends())

    def _ends(self) -> list[datetime]:
        return [principal.expires_at for principal in self.principals if principal.expires_at]


def read_figures[R: CustomerFigures](
    tenants: Sequence[Tenant], build: type[R], *, all_exceptions: bool = False, **more: Any
) -> list[R]:
    """Read the figures of these customers in a fixed number of queries, as objects of the class `build`.

    `more` is {further field of the class: function that returns its value for a customer}. If `all_exceptions` is set,
    exceptions count even if the person for whom the scope was opened may not see them.
    """
    ids, now = [tenant.pk for tenant in tenants], timezone.now()
    newest = latest_assessments(ids, ended=False)
    stands = customer_totals(tenants, now)
    waiting = exception_counts(ids, now, all_exceptions=all_exceptions)
    principals = credentials(ids)
    delegated = _delegated(
        [pk for pk in ids if not any(_can_sign_in(one, now) for one in principals.get(pk, []))]
    )
    return [
        build(
            tenant=tenant,
            last=newest.get(tenant.pk),
            principals=principals.get(tenant.pk, []),
            standing=stands[tenant.pk],
            exceptions=waiting.get(tenant.pk, ExceptionCounts()),
            now=now,
            is_delegated=tenant.pk in delegated,
            **{name: function(tenant) for name, function in more.items()},
        )
        for tenant in tenants
    ]


def _can_sign_in(principal: ServicePrincipal, now: datetime) -> bool:
    return not principal.last_error_code and (principal.expires_at is None or principal.expires_at > now)


def _delegated(tenants: Sequence[UUID]) -> set[UUID]:
    """Return the customers that have a delegated subscription."""
    if not tenants:
        return set()
    rows = Subscription.objects.filter(tenant_id__any_of=tenants, is_delegated=True).order_by()
    return set(rows.values_list("tenant_id", flat=True).distinct())


def complete(rows: Sequence[CustomerFigures], now: datetime | None = None) -> None:
    """Read the scores of the last 90 days and the worst controls of these customers. If a customer could not be read,
    also read the time at which it was last read.
    """
    histories = score_histories([row.tenant.pk for row in rows], now=now)
    # For customers with overdue critical findings, pages show those findings instead of the worst controls.
    named = [row.tenant.pk for row in rows if row.critical and not row.overdue_critical]
    worst = open_by_control(named, "critical") if named else {}
    unread = [row.tenant.pk for row in rows if row.last and not row.is_known]
    read_at = last_read_at(unread) if unread else {}
    for row in rows:
        row.read_at = read_at.get(row.tenant.pk)
        row.history = histories.get(row.tenant.pk, [])
        row.worst_controls = worst.get(row.tenant.pk, [])
