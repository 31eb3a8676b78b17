"""Decide whether a tenant's rows of `FacetCount` are up to date, and until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Final
from uuid import UUID

from django.db.models import Exists, Expression, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from assessments.models import Finding
from assessments.models.generated import key_of_text
from portal.treatment import date_buckets
from portal.treatment.models import FacetCount, Snapshot
from portal.treatment.selectors.valid_snapshots import valid_owner_counts, valid_shown_counts
from tenants.models import Tenant

_Facet: Final = FacetCount.Facet
# The numbers by age and due date are valid for at most this time. They become invalid earlier if a finding moves to
# another group by age or due date.
_MAX_VALIDITY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)


def counts_of_values(chosen: Mapping[str, Sequence[str]]) -> Q | None:
    """Return the query condition for the rows of `FacetCount` that together count the findings with the chosen values.

    `chosen` is {facet: values} with one facet, or with a pair in `PAIRS`. Return None for several tags, because a
    finding that has two of these tags would be counted twice.
    """
    if len(chosen.get(_Facet.TAG, " ")) != 1:
        return None
    names = sorted(chosen)
    keys = [
        _joined(parts) for parts in product(*([_key(name, one) for one in chosen[name]] for name in names))
    ]
    return Q(facet=" ".join(names), ref__in=[key_of_text(key) for key in keys])


def _key(facet: str, value: str) -> Expression:
    """Return an SQL expression that turns a value of the filter into its stored form. The stored name of a tag is in
    lower case.
    """
    if facet != _Facet.TAG:
        return Value(value)
    name, _, content = value.partition("=")
    return Concat(Lower(Value(name)), Value("="), Value(content))


def _joined(parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else Concat(parts[0], Value(" "), parts[1])


def valid_facet_counts(
    chosen: Mapping[str, Sequence[str]], ids: Collection[UUID], now: datetime
) -> QuerySet[Snapshot]:
    """Return the newest snapshots of the tenants whose `FacetCount` rows for the chosen values are up to date at `now`.

    If a chosen value has no row, no finding has this value. Call this function only if `counts_of_values` returns a
    condition for the values.
    """
    # After a change of owners, only the numbers by owner are out of date. All other numbers can still be used.
    rows = valid_owner_counts(ids, now) if _Facet.OWNER in chosen else valid_shown_counts(ids, now)
    rows = rows.filter(facets_until__isnull=False)
    if len(chosen) > 1:
        rows = rows.filter(has_pairs=True)
    if _Facet.DUE in chosen or _Facet.AGE in chosen:
        rows = rows.filter(facets_until__gt=now)
    if tags := chosen.get(_Facet.TAG):
        # If a tag has a row of its own, the rows for the tag with a value of another facet are stored too. So look only
        # for the tag's own row, even if another facet is chosen.
        stored = counts_of_values({_Facet.TAG: tags})
        own = FacetCount.objects.filter(stored, tenant_id=OuterRef("tenant_id"))
        rows = rows.filter(Q(all_tags=True) | Exists(own))
    return rows


def facets_valid_until(tenant: Tenant, now: datetime) -> datetime:
    """Return the next time at which a finding moves to another group by age or due date, at most a day from now."""
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
                # A group by due date contains findings that are due in less than `end` days. So a finding that is due
                # in exactly `end` days is not in the group yet, but enters it one moment (`_INSTANT`) later.
                periods[name] = timedelta(days=int(days) - end) + _INSTANT
                begun = Q(severity=severity, state=Finding.State.OPEN, failing_since__gt=now - periods[name])
                firsts[name] = Min("failing_since", filter=begun)
    found = rows.order_by().annotate(since=date_buckets.SINCE).aggregate(**firsts)
    moments: list[datetime] = [first + periods[name] for name, first in found.items() if first is not None]
    return min([*moments, now + _MAX_VALIDITY])
