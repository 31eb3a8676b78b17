"""The fix for nodes that are not encrypted at the host."""

from __future__ import annotations

from typing import Any

from assessments.controls.registry import catalogue
from assessments.fixes.facts import Facts
from assessments.fixes.render import render
from tests.assessments.controls.aks.cases_cluster_settings import ID
from tests.assessments.controls.aks.cases_nodes import ENCRYPTED, pools, provisioning
from tests.assessments.controls.judging import judge
from tests.for_each import for_each

HOST = "aks-host-encryption"


@for_each(
    ("estate", "replaces", "sets_class"),
    [
        (pools(ENCRYPTED, {}), True, False),
        (provisioning("Auto", ENCRYPTED, {}), True, True),
        (provisioning("Auto", ENCRYPTED), False, True),
    ],
)
def test_the_fix_shows_the_steps_for_the_nodes_concerned(
    estate: dict[str, Any], replaces: bool, sets_class: bool
) -> None:
    """The fix replaces node pools without encryption. For nodes that node auto-provisioning creates, the fix changes an
    AKSNodeClass in Kubernetes.
    """
    verdict = judge(HOST, estate)[ID].verdict
    facts = Facts(ID, verdict.observed, remarks=verdict.remarks)
    shown = " ".join(f"{step.intro} {step.text}" for step in render(catalogue()[HOST].fix, facts).steps)
    assert ("aks nodepool add" in shown, "aks nodepool delete" in shown) == (replaces, replaces)
    assert ("AKSNodeClass" in shown) is sets_class
