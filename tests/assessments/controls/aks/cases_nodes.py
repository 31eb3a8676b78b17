"""Node pools of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.aks.cases_cluster_settings import ID, NO_LIST, NONE, one
from tests.assessments.controls.storage.cases_storage import rows


def pools(*found: dict[str, Any]) -> dict[str, Any]:
    return one(agentPoolProfiles=[{"name": f"pool{number}", **pool} for number, pool in enumerate(found)])


def automatic(estate: dict[str, Any], name: str = "Automatic") -> dict[str, Any]:
    """Return the estate with its cluster in this SKU."""
    return {
        **estate,
        "aks_clusters": [{**estate["aks_clusters"][0], "sku": {"name": name, "tier": "Standard"}}],
    }


MANAGED = [
    ("managed pools are not listed", automatic(pools()), {ID: "not_applicable"}, {"reason": "AKS Automatic"}),
    ("managed pools are absent", automatic(one()), {ID: "not_applicable"}),
    ("no pool of another SKU", automatic(pools(), "Base"), {ID: "unknown"}),
    ("pools are text", automatic(one(agentPoolProfiles="none")), {ID: "unknown"}),
]
ABSENCE_PASSES = [
    (
        "aks-node-public-ip",
        r"properties\.agentPoolProfiles\[\]\.enableNodePublicIP",
        "without the property, nodes have no public addresses",
    ),
]
CASES = [
    *rows(
        "aks-node-public-ip",
        ("off", pools({"enableNodePublicIP": False}), {ID: "pass"}),
        ("absent", pools({}), {ID: "pass"}),
        ("one of two", pools({}, {"enableNodePublicIP": True}), {ID: "fail"}),
        (
            "public beside unclear",
            pools({"enableNodePublicIP": "no"}, {"enableNodePublicIP": True}),
            {ID: "fail"},
        ),
        ("unclear", pools({}, {"enableNodePublicIP": "no"}), {ID: "unknown"}),
        *MANAGED,
        ("own pool beside managed ones", automatic(pools({"enableNodePublicIP": True})), {ID: "fail"}),
        ("no pool", pools(), {ID: "unknown"}),
        ("pools are absent", one(), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "aks-host-encryption",
        ("on", pools({"enableEncryptionAtHost": True}, {"enableEncryptionAtHost": True}), {ID: "pass"}),
        ("one of two", pools({"enableEncryptionAtHost": True}, {}), {ID: "fail"}),
        ("off", pools({"enableEncryptionAtHost": False}), {ID: "fail"}),
        ("unclear", pools({"enableEncryptionAtHost": "yes"}), {ID: "unknown"}),
        *MANAGED,
        ("own pool beside managed ones", automatic(pools({})), {ID: "fail"}),
        ("no pool", pools(), {ID: "unknown"}),
        ("pools are absent", one(), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
