"""Encryption and vulnerability assessment of SQL servers are requested only where they can be on, and keys in their
configuration are not stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

SUB = f"/subscriptions/{azure.guid(1)}"
GROUP = f"{SUB}/resourceGroups/rg/providers"
SERVERS, INSTANCES = "Microsoft.Sql/servers", "Microsoft.Sql/managedInstances"


def line(resource: str, name: str, properties: dict[str, Any] | None = None, **more: Any) -> azure.Line:
    provider, *types = resource.split("/")
    names = name.split("/")
    path = "/".join(f"{one}/{two}" for one, two in zip(types, names, strict=True))
    return {
        "id": f"{GROUP}/{provider}/{path}",
        "name": names[-1],
        "type": resource,
        "properties": properties or {},
        **more,
    }


def test_encryption_and_assessments_are_read_where_they_can_be_on(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        line(SERVERS, "express", kind="v12.0"),
        line(SERVERS, "classic", kind="v12.0"),
        line(f"{SERVERS}/databases", "express/orders", kind="v12.0,user"),
        line(f"{SERVERS}/databases", "express/master", kind="v12.0,system"),
        line(f"{SERVERS}/sqlVulnerabilityAssessments", "express/default", {"state": "Enabled"}),
        line(
            f"{SERVERS}/vulnerabilityAssessments",
            "classic/default",
            {
                "storageContainerPath": "https://st.blob.core.windows.net/scans/",
                "storageContainerSasKey": "sig=secret",
                "storageAccountAccessKey": "secret",
                "recurringScans": {"isEnabled": True, "emails": []},
            },
        ),
        line(INSTANCES, "mi1", {"publicDataEndpointEnabled": False}),
        line(INSTANCES, "mi2", {"publicDataEndpointEnabled": False}),
        {
            "id": f"{GROUP}/{INSTANCES}/mi2/providers/Microsoft.Security/sqlVulnerabilityAssessments/default",
            "name": "default",
            "type": "Microsoft.Security/sqlVulnerabilityAssessments",
            "properties": {"state": "Enabled"},
        },
        line(f"{INSTANCES}/databases", "mi1/old"),
        line(f"{INSTANCES}/databases/transparentDataEncryption", "mi1/old/current", {"state": "Disabled"}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("sql",))
    assert found.estate.answer("sql_classic_assessments", f"{GROUP}/{SERVERS}/express") is None
    classic = found.estate.answer("sql_classic_assessments", f"{GROUP}/{SERVERS}/classic")
    assert classic is not None
    (settings,) = classic.documents
    assert sorted(settings.body["properties"]) == ["recurringScans", "storageContainerPath"]
    encrypted = [answer.scope for answer in found.estate.answers("sql_database_encryption")]
    assert encrypted == [f"{GROUP}/{SERVERS}/express/databases/orders"]
    for slug, name, verdict in (
        ("sql-tde", "/orders", "pass"),
        ("sql-tde", "/old", "fail"),
        ("sql-tde-cmk", "/express", "fail"),
        ("sql-tde-cmk", "/classic", "not_applicable"),
        ("sql-tde-cmk", "/mi1", "fail"),
        ("sql-va", "/express", "pass"),
        ("sql-va-recurring", "/classic", "pass"),
        ("sql-va-reports", "/express", "not_applicable"),
        ("sql-va-reports", "/classic", "fail"),
        ("sql-va", "/mi1", "fail"),
        ("sql-va", "/mi2", "pass"),
        ("sql-va-recurring", "/mi2", "pass"),
    ):
        assert found.verdict(slug, name) == verdict, (slug, name)
