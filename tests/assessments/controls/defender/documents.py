"""Azure documents of Microsoft Defender for Cloud."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB

SECURITY = f"{SUB}/providers/Microsoft.Security"

COLLECTION, POLICY = "defender-vm-data-collection", "defender-policy-all-recommendations"


def resource(kind: str, name: str = "one") -> dict[str, Any]:
    provider, _, tail = kind.partition("/")
    path = "/".join(f"{step}/{name}" for step in tail.split("/"))
    return {"id": f"{RG}/providers/{provider}/{path}", "name": name, "type": kind}


VM = resource("Microsoft.Compute/virtualMachines")
