"""Read the rows of the portfolio."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
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
from portal.web.shared.visible import may
from tenants.models import Tenant
from tenants.roles import Capability


def read_rows(tenants: Sequence[Tenant]) -> list[Row]:
    """Read these tenants' rows in a fixed number of queries."""
    ids = [tenant.pk for tenant in tenants]
    now = timezone.now()
    newest, read_at = latest_assessments(ids, ended=False), last_read_at(ids)
    stands, waiting = standings(tenants, now), exception_counts(ids, now)
    histories, principals = score_histories(ids, now=now), credentials(ids)
    worst = open_by_control([pk for pk in ids if stands[pk].open("critical")], "critical")
    rows = [
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
    for row in rows:
        set_most_urgent(row)
    return rows
