"""Findings in the states that the tests of treatments need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from assessments.models import Finding
from tenants.models import Tenant

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FAILING = {"outcome": "fail", "state": "open", "failing_since": NOW - 10 * DAY}
MANUAL = {"outcome": "manual", "state": "manual"}
COVER = {"excepted_sha256": "a" * 64, "excepted_from": NOW - DAY, "excepted_until": NOW + DAY}


def make(tenant: Tenant, fields: dict[str, Any], number: int = 0) -> Finding:
    values: dict[str, Any] = {
        "control": "storage-secure-transfer",
        "section": "storage",
        "severity": "high",
        "severity_rank": 1,
        "subject": f"/subscriptions/x/{number}",
        "subject_key": f"{number:064}",
        "subject_name": "x",
        "subject_type": "account",
        "unit": "/subscriptions/x",
        "reason": "r",
        "expected": "e",
        "observed_sha256": "a" * 64,
        "first_seen_at": NOW - 40 * DAY,
        "changed_at": NOW - 40 * DAY,
        **fields,
    }
    return Finding.objects.create(tenant=tenant, **values)
