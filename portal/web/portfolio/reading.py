"""Read the rows of the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from portal.queries.portfolio import (
    ExceptionCounts,
    credentials,
    exception_counts,
    last_read_at,
    latest_assessments,
    open_by_control,
    score_histories,
)
from portal.treatment.selectors.scores import standings
from portal.web.portfolio.rows import Row
from portal.web.portfolio.urgency import set_most_urgent
from tenants import scope
from tenants.models import Tenant


def read_rows(tenants: Sequence[Tenant]) -> list[Row]:
    """Read the rows of these tenants in a fixed number of queries.

    `complete` reads the rest for the rows that a page shows.
    """
    ids, current = [tenant.pk for tenant in tenants], scope.current()
    now = timezone.now()
    newest = latest_assessments(ids, ended=False)
    stands, waiting = standings(tenants, now, by_section=False), exception_counts(ids, now)
    principals = credentials(ids)
    rows = [
        Row(
            tenant=tenant,
            last=newest.get(tenant.pk),
            principals=principals.get(tenant.pk, []),
            rights=current.capabilities(tenant.pk),
            standing=stands[tenant.pk],
            exceptions=waiting.get(tenant.pk, ExceptionCounts()),
            now=now,
        )
        for tenant in tenants
    ]
    for row in rows:
        set_most_urgent(row)
    return rows


def complete(rows: Sequence[Row], now: datetime | None = None) -> None:
    """Read the scores of the last 90 days and the worst controls of the rows that a page shows.

    For customers that could not be read, also read when they were last read.
    """
    histories = score_histories([row.tenant.pk for row in rows], now=now)
    worst = open_by_control([row.tenant.pk for row in rows if row.critical], "critical")
    unread = [row.tenant.pk for row in rows if row.last and not row.is_known]
    read_at = last_read_at(unread) if unread else {}
    for row in rows:
        row.read_at = read_at.get(row.tenant.pk)
        row.history = histories.get(row.tenant.pk, [])
        row.worst_controls = worst.get(row.tenant.pk, [])
        set_most_urgent(row)
