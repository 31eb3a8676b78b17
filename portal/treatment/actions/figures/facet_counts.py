"""Count the findings of a tenant that match each value of each filter, and store the counts (`FacetCount`)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F, Q

from assessments.models import Finding
from portal.treatment import date_buckets
from portal.treatment.models.facet_count import SHOWN
from portal.treatment.states import WITH_DUE_DATE, shown_state
from tenants.models import Tenant
from tenants.query_plans import hashed_joins

MAX_TAGS: Final = 300
"""The maximum number of tag values for which counts are stored. Values with more findings take precedence. There is a
maximum, because some tags have a different value for each resource.
"""

_LISTS: Final = ("controls", "severities", "sections", *SHOWN)
_KEY: Final = "control, severity, section, shown_now"
# Count, compare and write the numbers in the database, because reading thousands of numbers into Python takes too
# long.
_STORE: Final = f"""
WITH given (tenant, most) AS (VALUES (%s::uuid, %s::int)), found AS MATERIALIZED ({{findings}}),
tags AS (
  SELECT DISTINCT r.ref, value
  FROM assessments_resource r CROSS JOIN LATERAL jsonb_each_text(r.tags) AS tag (name, content)
    -- The value `name=`, without content, counts the resources that have the tag with any content.
    CROSS JOIN LATERAL (VALUES (lower(tag.name) || '=' || content), (lower(tag.name) || '=')) AS one (value)
  WHERE r.tenant_id = (SELECT tenant FROM given) AND r.gone_at IS NULL
), tagged AS (
  SELECT value, age_bucket, due_bucket, {_KEY}, count(*) AS number
  FROM found JOIN tags ON ref = subject_ref GROUP BY value, age_bucket, due_bucket, {_KEY}
), ranked AS (
  SELECT value, row_number() OVER (ORDER BY sum(number) DESC, value) AS place FROM tagged GROUP BY value
), frequent AS (
  SELECT tagged.* FROM tagged JOIN ranked USING (value) WHERE place <= (SELECT most FROM given)
), counted (facet, value, {_KEY}, number) AS (
  SELECT 'owner', coalesce(owner::text, 'nobody'), {_KEY}, count(*) FROM found GROUP BY owner, {_KEY}
  UNION ALL SELECT 'due', due_bucket, {_KEY}, count(*) FROM found GROUP BY due_bucket, {_KEY}
  UNION ALL SELECT 'age', age_bucket, {_KEY}, count(*) FROM found GROUP BY age_bucket, {_KEY}
  UNION ALL SELECT 'subscription', unit, {_KEY}, count(*) FROM found GROUP BY unit, {_KEY}
  UNION ALL SELECT 'tag', value, {_KEY}, number FROM frequent
  UNION ALL SELECT 'age tag', age_bucket || ' ' || value, {_KEY}, number FROM frequent
  UNION ALL SELECT 'due tag', due_bucket || ' ' || value, {_KEY}, number FROM frequent
  UNION ALL SELECT 'age due', age_bucket || ' ' || due_bucket, {_KEY}, count(*)
    FROM found GROUP BY age_bucket, due_bucket, {_KEY}
  UNION ALL SELECT 'age owner', age_bucket || ' ' || coalesce(owner::text, 'nobody'), {_KEY}, count(*)
    FROM found GROUP BY age_bucket, owner, {_KEY}
  UNION ALL SELECT 'age subscription', age_bucket || ' ' || unit, {_KEY}, count(*)
    FROM found GROUP BY age_bucket, unit, {_KEY}
), by_control AS (
  SELECT facet, value, control, severity, section,
    {", ".join(f"coalesce(sum(number) FILTER (WHERE shown_now = '{state}'), 0)::int AS {state}" for state in SHOWN)}
  FROM counted GROUP BY facet, value, control, severity, section
), wanted AS (
  SELECT facet, value, array_agg(control ORDER BY control, severity, section) AS controls,
    array_agg(severity ORDER BY control, severity, section) AS severities,
    array_agg(section ORDER BY control, severity, section) AS sections,
    {", ".join(f"array_agg({state} ORDER BY control, severity, section) AS {state}" for state in SHOWN)}
  FROM by_control GROUP BY facet, value
), removed AS (
  DELETE FROM treatment_facetcount WHERE tenant_id = (SELECT tenant FROM given)
    AND NOT EXISTS (SELECT FROM wanted w WHERE w.facet = treatment_facetcount.facet
      AND w.value = treatment_facetcount.value)
), written AS (
  INSERT INTO treatment_facetcount AS stored (id, tenant_id, facet, value, {", ".join(_LISTS)})
  SELECT gen_random_uuid(), tenant, facet, value, {", ".join(_LISTS)} FROM wanted, given
  ON CONFLICT (facet, ref, tenant_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _LISTS)}
  WHERE ({", ".join(f"stored.{name}" for name in _LISTS)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in _LISTS)})
)
SELECT count(*) <= (SELECT most FROM given) FROM ranked
"""  # noqa: S608 - names of columns and states of the code only


def replace_facet_counts(tenant: Tenant, now: datetime) -> bool:
    """Store how many findings match each value of each filter at `now`. Rows that have not changed are not written.

    Return False if there are more than `MAX_TAGS` tag values, so that only the most frequent ones were counted.
    """
    buckets = {
        key: date_buckets.due_in(tenant, now, [key], Q(shown_now__in=WITH_DUE_DATE))
        for key in date_buckets.DUE_BUCKETS
    }
    rows = (
        Finding.objects.filter(tenant=tenant)
        .exclude(state=Finding.State.GONE)
        .alias(since=date_buckets.SINCE)
        .annotate(
            shown_now=shown_state(now),
            owner=F("treatment__owner_id"),
            due_bucket=date_buckets.due_key(buckets),
            age_bucket=date_buckets.age_key(now),
        )
        .order_by()
        .values(
            "control",
            "severity",
            "section",
            "shown_now",
            "owner",
            "due_bucket",
            "age_bucket",
            "unit",
            "subject_ref",
        )
    )
    sql, params = rows.query.sql_with_params()
    with hashed_joins(), connection.cursor() as cursor:
        cursor.execute(_STORE.format(findings=sql), [tenant.pk, MAX_TAGS, *params])
        return bool(cursor.fetchone()[0])
