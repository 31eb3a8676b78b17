"""Unity Catalog, worker encryption, and settings that only the API of Databricks shows."""

from __future__ import annotations

from tests.assessments.controls.cases import rows
from tests.assessments.controls.databricks.workspaces import ID, NO_LIST, NONE, SHARED, one

ATTESTED = ("databricks-scim", "databricks-tokens", "databricks-groups-review")
PROFILE = {"complianceSecurityProfile": {"value": "Enabled", "complianceStandards": ["NONE"]}}

CASES = [
    *rows(
        "databricks-unity-catalog",
        ("on", one(isUcEnabled=True), {ID: "pass"}),
        ("off", one(isUcEnabled=False), {ID: "fail"}),
        ("absent", one(), {ID: "unknown"}),
        ("text", one(isUcEnabled="true"), {ID: "unknown"}),
        *SHARED,
    ),
    *rows(
        "databricks-worker-encryption",
        ("compliance profile", one(enhancedSecurityCompliance=PROFILE), {ID: "manual"}),
        ("no profile", one(), {ID: "manual"}),
        ("profile is text", one(enhancedSecurityCompliance="Enabled"), {ID: "unknown"}),
        *SHARED,
    ),
    *(row for slug in ATTESTED for row in rows(slug, ("a workspace", one(), {ID: "manual"}), NO_LIST, NONE)),
]
IMPOSSIBLE = {
    slug: dict.fromkeys(("pass", "fail"), "only the API of Databricks shows it, so a person attests it")
    for slug in ("databricks-worker-encryption", *ATTESTED)
}
OFFICIAL_VERDICTS = """
databricks-groups-review manual: myWorkspace1 myWorkspace2
databricks-scim manual: myWorkspace1 myWorkspace2
databricks-tokens manual: myWorkspace1 myWorkspace2
databricks-unity-catalog fail: myWorkspace1
databricks-unity-catalog pass: myWorkspace2
databricks-worker-encryption manual: myWorkspace1 myWorkspace2
"""
