"""Which stored numbers by values of filters (`FacetCount`) are right, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from assessments.models import Finding
from assessments.models.generated import key_of_text
from portal.treatment import date_buckets
from portal.treatment.models import FacetCount, Snapshot
from portal.treatment.selectors.scores import valid_owner_counts, valid_shown_counts
from tenants.models import Tenant

_Facet: Final = FacetCount.Facet
# If no finding changes its group by age or due date before, the numbers are counted again after this time.
_MAX_VALIDITY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)


def counts_of_values(facet: str, values: Sequence[str]) -> Q | None:
    """Return the condition of the rows of `FacetCount` whose sum counts the findings with one of the values.

    None if the sum would not be that number: a finding can have several tags.
    """
    if facet == _Facet.TAG:
        if len(values) != 1:
            return None
        name, _, content = values[0].partition("=")
        key = Concat(Lower(Value(name)), Value("="), Value(content))
        return Q(facet=facet, ref=key_of_text(key))
    return Q(facet=facet, ref__in=[key_of_text(Value(value)) for value in values])


def valid_facet_counts(
    facet: str, values: Sequence[str], ids: Collection[UUID], now: datetime
) -> QuerySet[Snapshot]:
    """Return the snapshots of the tenants whose rows of these values of a facet are right at `now`.

    Values without findings have no row. `counts_of_values` must return a condition for the values.
    """
    # A change of owners makes only the numbers by owner outdated.
    rows = valid_owner_counts(ids, now) if facet == _Facet.OWNER else valid_shown_counts(ids, now)
    if facet in (_Facet.DUE, _Facet.AGE):
        return rows.filter(facets_until__gt=now)
    if facet == _Facet.TAG:
        stored = FacetCount.objects.filter(counts_of_values(facet, values), tenant_id=OuterRef("tenant_id"))
        rows = rows.filter(Q(all_tags=True) | Exists(stored))
    return rows.filter(facets_until__isnull=False)


def facets_valid_until(tenant: Tenant, now: datetime) -> datetime:
    """Return when the passing of time next moves a finding to another group by age or due date, at most a day
    later."""
    rows = Finding.objects.filter(tenant=tenant).exclude(state=Finding.State.GONE)
    periods: dict[str, timedelta] = {}
    firsts: dict[str, Min] = {}
    for key, (_, _, end) in date_buckets.AGE_BUCKETS.items():
        if end is not None:
            name = f"age_{key}"
            periods[name] = timedelta(days=end)
            firsts[name] = Min("since", filter=Q(since__gt=now - periods[name]))
    for severity, days in tenant.due_days.items():
        for key, (_, _, end) in date_buckets.DUE_BUCKETS.items():
            if end is not None:
                name = f"due_{severity}_{key}"
                # An age group includes its older end, so the finding changes its group a moment later.
                periods[name] = timedelta(days=int(days) - end) + _INSTANT
                begun = Q(severity=severity, state=Finding.State.OPEN, failing_since__gt=now - periods[name])
                firsts[name] = Min("failing_since", filter=begun)
    found = rows.order_by().annotate(since=date_buckets.SINCE).aggregate(**firsts)
    moments: list[datetime] = [first + periods[name] for name, first in found.items() if first is not None]
    return min([*moments, now + _MAX_VALIDITY])
