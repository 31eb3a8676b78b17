"""Read the rows of the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.queries.portfolio import customer_figures
from portal.web.portfolio.rows import Row
from portal.web.portfolio.urgency import set_most_urgent
from tenants import scope
from tenants.models import Tenant


def read_rows(tenants: Sequence[Tenant]) -> list[Row]:
    """Return the rows of these tenants. The number of queries does not depend on the number of tenants.

    `complete` reads further data for the rows that a page shows.
    """
    current = scope.current()
    rows = customer_figures.read_figures(tenants, Row, rights=lambda tenant: current.capabilities(tenant.pk))
    for row in rows:
        set_most_urgent(row)
    return rows


def complete(rows: Sequence[Row], now: datetime | None = None) -> None:
    """For the rows that a page shows, read the scores of the last 90 days and the worst controls.

    If the newest assessment of a customer read nothing, also find out when an earlier assessment last read something.
    """
    customer_figures.complete(rows, now)
    for row in rows:
        set_most_urgent(row)
