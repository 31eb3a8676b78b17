"""Find the findings that an owner has to work on, in all tenants, with one query.

The urgency of a finding depends on some of its columns. Treatments have copies of these columns
(`Treatment.finding_state` and the fields after it). One index contains all copies, so usually only this index is read.
If an assessment has written findings since a tenant's snapshot, that tenant's findings are read instead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from assessments.models import Finding
from portal.treatment.models.exception import ENDING_SOON
from portal.treatment.selectors.valid_snapshots import up_to_date_snapshots
from tenants.models import Person, Tenant

NEW: Final = timedelta(days=7)
SOON: Final = timedelta(days=7)
# A query of the treatments of open and manual findings, with some columns of these findings. For some tenants, these
# columns come from the copies in treatments (`work_parameters`). Callers replace OWNER by a condition on `owner_id`.
WORK: Final = """
  SELECT t.owner_id, t.tenant_id, t.finding_id, t.owned_at, t.acknowledged_failing_since, t.excepted_sha256,
    t.excepted_from, t.excepted_until, t.attested_met, t.attested_until, t.attested_sha256,
    t.finding_state, t.finding_rank, t.finding_failing_since, t.finding_sha256
  FROM treatment_treatment t
  WHERE t.OWNER AND t.tenant_id = ANY(%(copied)s) AND t.finding_state IN ('open', 'manual')
  UNION ALL
  SELECT t.owner_id, t.tenant_id, t.finding_id, t.owned_at, t.acknowledged_failing_since, t.excepted_sha256,
    t.excepted_from, t.excepted_until, t.attested_met, t.attested_until, t.attested_sha256,
    f.state, f.severity_rank, f.failing_since, f.observed_sha256
  FROM treatment_treatment t JOIN assessments_finding f ON f.tenant_id = t.tenant_id AND f.id = t.finding_id
  WHERE t.OWNER AND t.tenant_id = ANY(%(others)s) AND f.state IN ('open', 'manual')
"""
# This query must compute shown states and dates in the same way as `portal.treatment.states`.
_SQL: Final = """
WITH mine AS MATERIALIZED (
  SELECT t.tenant_id, t.finding_id, t.finding_rank AS rank, t.finding_failing_since AS since,
    t.finding_failing_since + p.days * interval '1 day' AS due,
    CASE
      WHEN t.finding_state = 'open' AND NOT COALESCE(t.excepted_sha256 = t.finding_sha256
          AND t.excepted_from <= %(now)s AND t.excepted_until > %(now)s, false) THEN CASE
        WHEN t.finding_failing_since + p.days * interval '1 day' < %(now)s THEN 'overdue'
        WHEN t.finding_failing_since + p.days * interval '1 day' < %(soon)s THEN 'soon'
        WHEN t.owned_at >= %(new)s THEN 'new'
        ELSE 'other' END
      WHEN t.finding_state = 'manual' AND NOT COALESCE(t.attested_met AND t.attested_until > %(now)s
          AND t.attested_sha256 IN ('', t.finding_sha256), false) THEN 'other'
      ELSE ''
    END AS urgency,
    t.finding_state = 'manual' AND (t.attested_until IS NULL OR t.attested_until <= %(ending)s OR NOT t.attested_met
      OR t.attested_sha256 NOT IN ('', t.finding_sha256)) AS is_to_answer
  FROM (WORK) t
  JOIN unnest(%(tenants)s::uuid[], %(ranks)s::int[], %(days)s::int[]) AS p (tenant_id, rank, days)
    ON p.tenant_id = t.tenant_id AND p.rank = t.finding_rank
)
SELECT 'number' AS kind, tenant_id AS id, urgency, is_to_answer, rank = 0 AS is_critical, count(*)
FROM mine GROUP BY 2, 3, 4, 5
UNION ALL
(SELECT 'overdue', finding_id, '', false, false, row_number() OVER (ORDER BY rank, due, finding_id)
 FROM mine WHERE urgency = 'overdue' ORDER BY 6 LIMIT %(limit)s)
UNION ALL
(SELECT 'soon', finding_id, '', false, false, row_number() OVER (ORDER BY due, rank, finding_id)
 FROM mine WHERE urgency = 'soon' ORDER BY 6 LIMIT %(limit)s)
UNION ALL
(SELECT 'new', finding_id, '', false, false, row_number() OVER (ORDER BY rank, since, finding_id)
 FROM mine WHERE urgency = 'new' ORDER BY 6 LIMIT %(limit)s)
UNION ALL
(SELECT 'answer', finding_id, '', false, false, row_number() OVER (ORDER BY rank, finding_id)
 FROM mine WHERE is_to_answer ORDER BY 6 LIMIT %(limit)s)
""".replace("WORK", WORK.replace("OWNER", "owner_id = %(owner)s"))


@dataclass(slots=True)
class OwnedFindings:
    """The findings of an owner that need work.

    A failing finding is in at most one group: `overdue`, `soon` (due within `SOON`) or `new` (assigned within `NEW`).
    The group `answer` has the manual findings whose attestation is missing, has ended, ends soon, is about an earlier
    observed value, or says that the control is not met.

    - `by_tenant`: {group: {tenant: number}}
    - `first`: {group: ids of its first findings}, most urgent first
    - `needing_work`: {tenant: number of all findings that need work, also those in no group}
    - `overdue_critical`: how many overdue findings are critical
    """

    needing_work: Counter[UUID] = field(default_factory=Counter)
    by_tenant: dict[str, Counter[UUID]] = field(default_factory=lambda: defaultdict(Counter))
    first: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    overdue_critical: int = 0

    def count(self, group: str) -> int:
        """Return the number of findings of a group in all tenants."""
        return sum(self.by_tenant[group].values())


def owned_findings(person: Person, tenants: Sequence[Tenant], now: datetime, limit: int) -> OwnedFindings:
    """Return the person's findings that need work in these tenants. `limit` is the maximum number of ids in a group."""
    found = OwnedFindings()
    if not tenants:
        return found
    values: dict[str, Any] = {
        **work_parameters(tenants), "owner": person.pk, "limit": limit,
        "now": now, "soon": now + SOON, "new": now - NEW, "ending": now + ENDING_SOON,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SQL, values)
        rows = cursor.fetchall()
    for kind, pk, urgency, is_to_answer, is_critical, number in rows:
        if kind != "number":
            found.first[kind].append(pk)
            continue
        if is_to_answer:
            found.by_tenant["answer"][pk] += number
        if not urgency:
            continue
        found.needing_work[pk] += number
        if urgency != "other":
            found.by_tenant[urgency][pk] += number
        if urgency == "overdue" and is_critical:
            found.overdue_critical += number
    return found


def work_parameters(tenants: Sequence[Tenant]) -> dict[str, list[Any]]:
    """Return the parameters of the query `WORK`. They include each tenant's policy: for each severity, the number of
    days until a finding is due.

    The parameter `copied` has the tenants whose treatments contain up-to-date copies of findings, `others` all other
    tenants. The policies are in three lists: `tenants`, `ranks` (of severities) and `days` (None if findings of the
    severity have no due date). Item n of each list belongs to the same combination of tenant and severity.
    """
    severities = [str(value) for value in Finding.Severity.values]
    ids = [tenant.pk for tenant in tenants]
    copied = set(up_to_date_snapshots(ids).order_by().values_list("tenant_id", flat=True))
    found: dict[str, list[Any]] = {"tenants": [], "ranks": [], "days": []}
    for tenant in tenants:
        for rank, severity in enumerate(severities):
            days = tenant.due_days.get(severity)
            found["tenants"].append(tenant.pk)
            found["ranks"].append(rank)
            found["days"].append(None if days is None else int(days))
    return {**found, "copied": list(copied), "others": [pk for pk in ids if pk not in copied]}
