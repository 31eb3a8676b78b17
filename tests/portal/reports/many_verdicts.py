"""Copy findings in the database, so that a report has more verdicts than it lists."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

from assessments.models import Finding
from portal.reports.parts import results
from tests import factories
from tests.portal.web.world import World

CONTROL = "storage-sas-https-only"
_COPIES = """
INSERT INTO assessments_finding (
  id, tenant_id, control, section, severity, severity_rank, subject, subject_key, subject_name, subject_type, unit,
  resource_group, outcome, state, reason, expected, observed, observed_sha256, remarks, unknown_because, evidence,
  first_seen_at, changed_at, failing_since)
SELECT uuidv7(), tenant_id, %(control)s, 'storage', 'medium', 2, subject || n,
  encode(sha256(convert_to(lower(subject || n), 'UTF8')), 'hex'), subject_name || n, subject_type, unit, resource_group,
  o.outcome, CASE o.outcome WHEN 'fail' THEN 'open' ELSE 'passing' END, 'Copied', expected, '{}', observed_sha256, '[]',
  '', evidence, now(), now(), CASE o.outcome WHEN 'fail' THEN now() END
FROM assessments_finding, generate_series(1, 12) n
CROSS JOIN LATERAL (SELECT CASE WHEN n <= 5 THEN 'fail' ELSE 'pass' END AS outcome) o
WHERE id = %(finding)s
"""


def add_many_findings(world: World, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Let reports list fewer verdicts, and add 5 failing and 7 passing findings to `world`. Return how many
    findings of `CONTROL` have each outcome.
    """
    monkeypatch.setattr(results, "LARGE", 11)
    monkeypatch.setattr(results, "LISTED_IF_LARGE", 3)
    with factories.in_tenant(world.home), connection.cursor() as cursor:
        cursor.execute(_COPIES, {"control": CONTROL, "finding": world.of(world.home)["finding"].pk})
        rows = Finding.objects.filter(tenant=world.home, control=CONTROL, gone_at__isnull=True)
        found = Counter(rows.values_list("outcome", flat=True))
    assert set(found) == {"fail", "pass"}
    assert min(found.values()) > 3
    return found
