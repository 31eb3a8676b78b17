"""Read the numbers of findings by owner, due date, age, subscription and tag, which snapshots store (`FacetCount`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from assessments.models import Resource
from portal.queries.findings.tags import MAX_TAGS
from portal.treatment.models import FacetCount
from portal.treatment.models.facet_count import SHOWN
from portal.treatment.selectors.valid_snapshots import valid_owner_counts

type Values = Mapping[str, Sequence[str]]
# {facet: {(tenant, value): number of findings}}
type Numbers = dict[str, dict[tuple[UUID, str], int]]

_FACETS: Final = ("owner", "due", "age", "subscription", "tag")
# {filter: its column in `FacetCount`}. The columns are parallel lists: the items at one position belong to the same
# control and severity.
_LISTS: Final = {"control": "controls", "severity": "severities", "section": "sections"}


def stored_numbers(
    ids: Collection[UUID], values: Values, controls: Collection[str] | None, now: datetime
) -> Numbers | None:
    """Return the numbers of the tenants' findings by value of each facet, or None if the stored numbers are outdated.

    `values` may contain only filters by severity, section and state. `controls` are the controls to count; None means
    all.
    """
    valid = valid_owner_counts(ids, now).filter(facets_until__gt=now, all_tags=True)
    if set(valid.order_by().values_list("tenant_id", flat=True)) != set(ids):
        return None
    states = [state for state in SHOWN if state in values.get("state", SHOWN)]
    found: Numbers = {facet: {} for facet in _FACETS}
    if not states:
        return found
    conditions = {"control": controls, "severity": values.get("severity"), "section": values.get("section")}
    given = {name: sorted(wanted) for name, wanted in conditions.items() if wanted is not None}
    # The columns contain long lists, so read only the columns that a condition or a sum needs.
    columns = {_LISTS[name]: name for name in given} | {state: state for state in states}
    rows = FacetCount.objects.filter(tenant_id__any_of=list(ids), facet__in=_FACETS)
    sql, params = rows.order_by().values("tenant_id", "facet", "value", *columns).query.sql_with_params()
    where = " AND ".join(f"{name} = ANY(%s)" for name in given) or "true"
    query = f"""
    SELECT tenant_id, facet, value, sum({" + ".join(f"coalesce(one.{state}, 0)" for state in states)})::bigint
    FROM ({sql}) AS found
      CROSS JOIN LATERAL unnest({", ".join(f"found.{name}" for name in columns)})
        AS one ({", ".join(columns.values())})
    WHERE {where} GROUP BY tenant_id, facet, value
    """  # noqa: S608 - SQL of the ORM and names of columns
    with connection.cursor() as cursor:
        cursor.execute(query, [*params, *given.values()])
        for tenant_id, facet, value, number in cursor.fetchall():
            if number:
                found[facet][tenant_id, value] = number
    return found


def stored_tags(ids: Collection[UUID], numbers: Mapping[tuple[UUID, str], int]) -> dict[str, int]:
    """Return {tag: number of findings} of the most frequent tags, as `portal.queries.findings.tags.tags_of` does.

    The number stored for `name` counts findings that have the tag with any value. Subtracting the numbers of all
    `name=value` gives the number of findings whose tag has an empty value.
    """
    summed: Counter[str] = Counter()
    for (_, value), number in numbers.items():
        name, _, content = value.partition("=")
        summed[value] += number
        if content:
            summed[f"{name}="] -= number
    as_written = _tags_as_written(ids)
    tags = []
    for value, number in summed.items():
        lower, _, content = value.partition("=")
        name = as_written.get((lower, content), lower)
        if number > 0:
            tags.append((-number, name, content, f"{name}={content}" if content else name))
    return {tag: -number for number, _, _, tag in sorted(tags)[:MAX_TAGS]}


def _tags_as_written(ids: Collection[UUID]) -> dict[tuple[str, str], str]:
    """Return {(name of a tag in lower case, value of the tag): the name as Azure writes it}."""
    rows = Resource.objects.filter(tenant_id__any_of=list(ids), gone_at__isnull=True)
    sql, params = rows.order_by().values("tags").query.sql_with_params()
    query = f"""
    SELECT lower(tag.name), tag.content, min(tag.name)
    FROM ({sql}) AS found CROSS JOIN LATERAL jsonb_each_text(found.tags) AS tag (name, content) GROUP BY 1, 2
    """  # noqa: S608 - SQL of the ORM
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return {(lower, content): name for lower, content, name in cursor.fetchall()}
