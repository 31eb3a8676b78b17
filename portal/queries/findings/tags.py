"""Count findings by the tags of their resources. The counts need a join with the table of resources, so pages load them
only on demand.
"""

from __future__ import annotations

from typing import Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from assessments.models import Finding
from portal.queries.findings.filters import FindingFilter

MAX_TAGS: Final = 15

# Count tags together if their names differ only in case, but not if their values do: Azure compares the names of tags
# case-insensitively, and the values case-sensitively.
_COUNTS: Final = """
WITH subjects AS (
  SELECT tenant_id, subject_ref, count(*) AS findings FROM ({findings}) AS f GROUP BY tenant_id, subject_ref
)
SELECT min(tag.name), tag.content, sum(subjects.findings)::bigint
FROM subjects
JOIN assessments_resource AS r
  ON r.ref = subjects.subject_ref AND r.tenant_id = subjects.tenant_id AND r.gone_at IS NULL
CROSS JOIN LATERAL jsonb_each_text(r.tags) AS tag(name, content)
GROUP BY lower(tag.name), tag.content
ORDER BY 3 DESC, 1, 2
LIMIT %s
"""


def tag_counts(rows: QuerySet[Finding], chosen: FindingFilter) -> dict[str, int]:
    """Return {`name=value`: number of findings} of the 15 most frequent tags. The filter on tags is ignored.

    A tag with an empty value is shown as its name.
    """
    return tags_of(chosen.without("tag").apply(rows))


def tags_of(rows: QuerySet[Finding]) -> dict[str, int]:
    """Return {`name=value`: number of findings} of the 15 most frequent tags of these findings."""
    findings = rows.order_by().values("tenant_id", "subject_ref")
    try:
        sql, params = findings.query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(findings=sql), [*params, MAX_TAGS])
        return {f"{name}={value}" if value else str(name): count for name, value, count in cursor.fetchall()}
