"""Node pools of AKS clusters."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.aks.cases_cluster_settings import ID, NO_LIST, NONE, one
from tests.assessments.controls.storage.cases_storage import rows


def pools(*found: dict[str, Any]) -> dict[str, Any]:
    return one(agentPoolProfiles=[{"name": f"pool{number}", **pool} for number, pool in enumerate(found)])


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
        ("no pool", pools(), {ID: "unknown"}),
        ("pools are absent", one(), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
]
