"""Re-performance judges each control as of the time of its verdict, even if a later turn of the watch did not judge the
control again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from assessments.controls.registry import catalogue
from assessments.estate.estate import UnitKind
from assessments.export.judging import RecordedContent, RecordedUnit, judged_again
from assessments.models import Assessment, Unit
from portal.reports.attachment_files import encode
from portal.reports.reperformance.inputs import judging_of, recorded_unit
from tenants.models import Directory
from tests.portal.reports.schemas import problems

GUID = "00000000-0000-0000-0000-000000000001"
ACCOUNT = f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/one"
READ = datetime(2026, 6, 1, tzinfo=UTC)
LATER = READ + timedelta(days=60)
AGE = "storage-key-rotation"


def outcomes(unit: RecordedUnit) -> dict[str, str]:
    made = (READ - timedelta(days=60)).isoformat()
    document = {
        "id": ACCOUNT,
        "name": "one",
        "type": "Microsoft.Storage/storageAccounts",
        "properties": {
            "allowSharedKeyAccess": True,
            "keyCreationTime": {"key1": made, "key2": made},
        },
    }
    results = judged_again(unit, RecordedContent({"f" * 64: document}, {}), [catalogue()[AGE]])
    return {result.control.slug: str(result.verdict.outcome) for result in results}


def test_each_control_is_judged_as_of_its_time() -> None:
    unit = RecordedUnit(
        kind=UnitKind.SUBSCRIPTION,
        unit_id=GUID,
        directory_id=GUID,
        cloud="AzureCloud",
        now=LATER,
        subscriptions=(GUID,),
        answers={"storage_accounts": {f"/subscriptions/{GUID}": [[ACCOUNT, ["f" * 64]]]}},
        gaps=(),
        parameters={},
    )
    assert outcomes(unit) == {AGE: "fail"}
    assert outcomes(replace(unit, judged_at={AGE: READ})) == {AGE: "pass"}
    assert outcomes(replace(unit, judged_at={"storage-secure-transfer": READ})) == {AGE: "fail"}


def test_the_manifest_states_the_times() -> None:
    unit = Unit(
        kind=Unit.Kind.SUBSCRIPTION,
        azure_id=GUID,
        assessment=Assessment(number=2, catalogue_hash="a" * 64, parameters={}),
        directory=Directory(directory_id=GUID),
        started_at=LATER,
        gaps=[],
        coverage={"judged_at": {AGE: READ.isoformat()}},
    )
    assert recorded_unit(_stated(unit), {}).judged_at == {AGE: READ}
    unit.coverage = {}
    assert "judged_at" not in _stated(unit)
    assert recorded_unit(_stated(unit), {}).judged_at == {}


def _stated(unit: Unit) -> Any:
    """Return the entry of the unit in a manifest, and check that it follows the schema."""
    entry = json.loads(encode(judging_of(unit)))
    manifest = {
        "format": "surety-evidence-manifest/1",
        "report": GUID,
        "assessment": 2,
        "hash": "",
        "evidence": [],
        "units": [],
        "judging": [entry],
    }
    assert problems("evidence-manifest", manifest) == []
    return entry
