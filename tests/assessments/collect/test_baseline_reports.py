"""The list of machine configuration assignments names reports, which are read one by one."""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

UNIT = azure.guid(1)
GROUP = f"/subscriptions/{UNIT}/resourceGroups/rg-data"
KIND = "Microsoft.GuestConfiguration/guestConfigurationAssignments"
REPORT = azure.guid(90)


def machine(name: str, status: str) -> list[azure.Line]:
    """A machine, its configuration assignment and the report of this assignment. The assignment has the same properties
    as in Microsoft's example of a list of assignments.
    """
    machine_id = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"
    assignment = f"{machine_id}/providers/{KIND}/AzureWindowsBaseline"
    phrase = "Windows Firewall: Domain: Firewall state is 0"
    resource = {"complianceStatus": status, "reasons": [{"phrase": phrase, "code": "X"}]}
    properties = {
        "complianceStatus": status,
        "latestReportId": f"{assignment}/reports/{REPORT}",
        "lastComplianceStatusChecked": "2026-11-25T11:45:00Z",
        "guestConfiguration": {"name": "AzureWindowsBaseline", "configurationParameter": []},
    }
    report = {
        "id": f"{assignment}/reports/{REPORT}",
        "name": REPORT,
        "properties": {"complianceStatus": status, "details": {"resources": [resource]}},
    }
    return [
        {
            "id": machine_id,
            "name": name,
            "type": "Microsoft.Compute/virtualMachines",
            "location": "westeurope",
            "properties": {},
        },
        {"id": assignment, "name": "AzureWindowsBaseline", "type": KIND, "properties": properties},
        azure.answer(report["id"], 200, report),
    ]


def test_the_report_of_a_machine_that_does_not_meet_the_baseline_is_read(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(UNIT),
        *machine("open", "NonCompliant"),
        *machine("closed", "Compliant"),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), UNIT, sections=("vm",))
    assert found.verdict("vm-os-firewall", "open") == "fail"
    assert found.verdict("vm-os-firewall", "closed") == "pass"
    read = [view.id.split("/")[8] for view in found.estate.documents("guest_configuration_reports")]
    assert read == ["open"]
