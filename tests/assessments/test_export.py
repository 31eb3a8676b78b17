"""Re-performance: the evidence of an assessment, exported and judged again, gives the same verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from assessments.export.stored import judged_at
from assessments.management.sandboxed import serve
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.assessments.judged import assess, generate, judged, registered, stored

pytestmark = pytest.mark.django_db(transaction=True)


def differences(tenant: Tenant, assessment: Any, folder: Path) -> dict[Any, Any]:
    """What re-performance gives differently: {(control, subject): (stored, judged again)}."""
    output = folder / "exported.jsonl"
    call_command("export_evidence", tenant.slug, assessment=assessment.number, output=output)
    with tenant_scope(tenant.pk):
        at = judged_at(assessment)
    before, after = stored(tenant), judged(output, at.isoformat())
    assert len(before) > 60
    return {
        key: (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)
    }


def assessed(estate: Path) -> tuple[Tenant, Any]:
    with serve(estate) as served:
        reader = served.principals[0]
        principal = registered(served.url, served.ca, reader.directory_id, reader.client_id, reader.secret)
        tenant = principal.directory.tenant
        return tenant, assess(tenant)


@pytest.mark.parametrize("seed", [3, 8])
def test_everything_read(seed: int, tmp_path: Path) -> None:
    estate = generate(tmp_path / "estate.jsonl", "--subscriptions=2", f"--seed={seed}", "--resources=120")
    tenant, assessment = assessed(estate)
    assert {verdict for verdict, _ in stored(tenant).values()} >= {"pass", "fail", "not_applicable", "manual"}
    found = differences(tenant, assessment, tmp_path)
    for item in list(found.items())[:25]:
        print(item)
    assert not found
