"""Of Defender's results for a machine, only those that decide the verdict become evidence."""

from __future__ import annotations

from tests.assessments.controls.judging import SUB, doc, judge
from tests.assessments.controls.vm.cases_protection import edr, protected
from tests.assessments.controls.vm.cases_running import vulnerability, weak
from tests.assessments.controls.vm.documents import VM


def test_only_the_protection_recommendation_is_evidence() -> None:
    others = [
        doc(
            f"{VM}/providers/Microsoft.Security/assessments/{n}",
            {"displayName": f"R{n}", "status": {"code": "Healthy"}},
        )
        for n in range(30)
    ]
    docs = protected(*others, edr("Unhealthy"))
    assert len(docs["security_assessments"][SUB]) == 31
    result = judge("vm-endpoint-protection", docs)[VM]
    assert [item.content["properties"]["status"]["code"] for item in result.evidence] == ["Unhealthy"]


def test_only_severe_vulnerabilities_are_evidence() -> None:
    light = {
        **vulnerability("Low"),
        "id": f"{VM}/providers/Microsoft.Security/assessments/a/subAssessments/v2",
    }
    result = judge("vm-software-patches", weak(vulnerability("Critical"), light))[VM]
    assert result.verdict.outcome.value == "fail"
    found = [item for item in result.evidence if item.collection == "security_subassessments"]
    assert [item.content["properties"]["status"]["severity"] for item in found] == ["Critical"]
