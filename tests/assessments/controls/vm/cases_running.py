"""Agent and patches of virtual machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.scan_documents import found, scan
from tests.assessments.controls.vm.documents import CLUSTER, VM, _all, machine, of_cluster, of_manager

AGENT, PATCHES, SOFTWARE = "vm-agent-running", "vm-os-patches", "vm-software-patches"

STATUSES, VIEWS = "virtual_machine_statuses", "virtual_machine_instance_views"


def status(
    power: str = "running", agent: Any = "Ready", version: Any = "2.11", **view: Any
) -> dict[str, Any]:
    held = {
        "statuses": [{"code": "ProvisioningState/succeeded"}, {"code": f"PowerState/{power}"}],
        "vmAgent": {"vmAgentVersion": version, "statuses": [{"code": "x", "displayStatus": agent}]},
        **view,
    }
    return doc(VM, {"instanceView": held})


def changed(
    when: Any = "2026-11-25T11:45:00Z", state: str = "succeeded", agent: Any = "Not Ready", **view: Any
) -> dict[str, Any]:
    """A running machine that Azure started or changed at this time. By default, its agent has not reported yet."""
    statuses = [{"code": f"ProvisioningState/{state}", "time": when}, {"code": "PowerState/running"}]
    return status(agent=agent, version="2.11" if agent == "Ready" else "Unknown", statuses=statuses, **view)


_LONG_AGO = "2026-11-25T11:29:00Z"


def running(run_time: dict[str, Any] | None = None, model: dict[str, Any] | None = None) -> dict[str, Any]:
    """A machine, its entry in the list of statuses, and its own instance view."""
    full = run_time or status()
    return {
        "virtual_machines": [model or machine()],
        STATUSES: [listed(full)],
        VIEWS: {VM: [full]},
    }


def listed(full: dict[str, Any]) -> dict[str, Any]:
    """A machine as the list with `statusOnly=true` returns it."""
    return doc(VM, {"instanceView": {"statuses": full["properties"]["instanceView"]["statuses"]}})


_AGENT = _all(
    AGENT,
    Case(AGENT, "ready", running(), {VM: "pass"}),
    Case(AGENT, "not ready", running(status(agent="Not Ready")), {VM: "fail"}),
    Case(
        AGENT,
        "a status of the future",
        running(status(agent="Updating")),
        {VM: "unknown"},
        reason="Surety does not know the value “Updating”",
    ),
    Case(AGENT, "no version", running(status(version="Unknown")), {VM: "fail"}),
    Case(
        AGENT,
        "started a quarter of an hour ago",
        running(changed()),
        {VM: "unknown"},
        reason="may not have reported",
    ),
    Case(AGENT, "started a quarter of an hour ago, ready", running(changed(agent="Ready")), {VM: "pass"}),
    Case(AGENT, "being started", running(changed(None, "updating")), {VM: "unknown"}),
    Case(AGENT, "started long ago", running(changed(_LONG_AGO)), {VM: "fail"}),
    Case(AGENT, "the start failed", running(changed(state="failed/OSProvisioningTimedOut")), {VM: "fail"}),
    Case(AGENT, "unreadable time of the start", running(changed("soon")), {VM: "unknown"}),
    Case(
        AGENT,
        "stopped responding a quarter of an hour after a change",
        running(status(agent="Not Ready", statuses=changed()["properties"]["instanceView"]["statuses"])),
        {VM: "unknown"},
    ),
    Case(
        AGENT,
        "created without the agent, started a quarter of an hour ago",
        running(changed(vmAgent=None), machine({"provisionVMAgent": False})),
        {VM: "unknown"},
    ),
    Case(AGENT, "deallocated", running(status("deallocated")), {VM: "not_applicable"}),
    Case(AGENT, "stopped", running(status("Stopped")), {VM: "not_applicable"}),
    Case(
        AGENT,
        "created without the agent, deallocated",
        running(status("deallocated"), machine({"provisionVMAgent": False})),
        {VM: "fail"},
    ),
    Case(
        AGENT,
        "created without the agent, installed later",
        running(model=machine({"provisionVMAgent": False})),
        {VM: "pass"},
        remark="installed later",
    ),
    Case(
        AGENT,
        "created without the agent, installed later, not ready",
        running(status(agent="Not Ready"), machine({"provisionVMAgent": False})),
        {VM: "fail"},
        reason="The agent is Not Ready",
    ),
    *(
        Case(
            AGENT,
            f"created without the agent, {name}",
            running(view, machine({"provisionVMAgent": False})),
            {VM: "fail"},
            reason="created without the VM agent, and no agent reports to Azure",
        )
        for name, view in (
            ("no report", status(vmAgent=None)),
            ("empty report", status(version="Unknown", agent="Not Ready")),
        )
    ),
    Case(
        AGENT,
        "created without the agent, instance view forbidden",
        {
            "virtual_machines": [machine({"provisionVMAgent": False})],
            STATUSES: [listed(status())],
            VIEWS: {},
        },
        {VM: "unknown"},
        [gap(VIEWS, VM)],
    ),
    Case(
        AGENT,
        "no extensions",
        running(model=machine(osProfile={"linuxConfiguration": {}, "allowExtensionOperations": False})),
        {VM: "pass"},
        remark="Extensions are not allowed",
    ),
    Case(
        AGENT,
        "status on the machine itself",
        {"virtual_machines": [machine(**status()["properties"])]},
        {VM: "pass"},
    ),
    Case(
        AGENT,
        "off, by the list alone",
        {"virtual_machines": [machine()], STATUSES: [listed(status("deallocated"))], VIEWS: {}},
        {VM: "not_applicable"},
    ),
    Case(
        AGENT,
        "instance view forbidden",
        {"virtual_machines": [machine()], STATUSES: [listed(status())], VIEWS: {}},
        {VM: "unknown"},
        [gap(VIEWS, VM)],
    ),
    Case(AGENT, "no status", {"virtual_machines": [machine()]}, {VM: "unknown"}),
    Case(AGENT, "status forbidden", {"virtual_machines": [machine()]}, {VM: "unknown"}, [gap(STATUSES)]),
    Case(AGENT, "no power state", running(status(statuses=[])), {VM: "unknown"}),
    Case(AGENT, "agent absent", running(status(vmAgent=None)), {VM: "unknown"}),
)


def windows(image: Any = None, **properties: Any) -> dict[str, Any]:
    """A Windows machine from an image of this publisher."""
    storage = {"osDisk": {"name": "os", "osType": "Windows"}, "imageReference": {"publisher": image}}
    return machine(storageProfile=storage, **properties)


def patched(
    missing: Any = 0, when: Any = "2026-11-24T12:00:00Z", result: Any = "Succeeded", **more: Any
) -> dict[str, Any]:
    summary = {
        "status": result,
        "criticalAndSecurityPatchCount": missing,
        "otherPatchCount": 4,
        "lastModifiedTime": when,
        "rebootPending": False,
        **more,
    }
    return running(status(patchStatus={"availablePatchSummary": summary}))


_PATCHES = _all(
    PATCHES,
    Case(PATCHES, "no patch missing", patched(), {VM: "pass"}),
    Case(
        PATCHES, "patches missing", patched(3), {VM: "fail"}, reason="Missing critical or security patches: 3"
    ),
    Case(PATCHES, "exactly 7 days old", patched(when="2026-11-18T12:00:00Z"), {VM: "pass"}),
    Case(
        PATCHES,
        "older than 7 days",
        patched(when="2026-11-18T11:59:59Z"),
        {VM: "fail"},
        reason="not assessed",
    ),
    Case(PATCHES, "assessment failed", patched(result="Failed"), {VM: "fail"}, reason="not assessed"),
    Case(PATCHES, "in progress", patched(result="InProgress"), {VM: "unknown"}),
    Case(PATCHES, "never assessed", running(), {VM: "fail"}, reason="Not assessed"),
    Case(
        PATCHES,
        "started a quarter of an hour ago",
        running(changed()),
        {VM: "unknown"},
        reason="not have reported",
    ),
    Case(PATCHES, "started a quarter of an hour ago, ready", running(changed(agent="Ready")), {VM: "fail"}),
    Case(PATCHES, "started long ago, agent not ready", running(changed(_LONG_AGO)), {VM: "fail"}),
    Case(
        PATCHES,
        "no patches in the list, instance view forbidden",
        {"virtual_machines": [machine()], STATUSES: [listed(status())], VIEWS: {}},
        {VM: "unknown"},
        [gap(VIEWS, VM)],
    ),
    Case(
        PATCHES,
        "no patches in the list, instance view not read",
        {"virtual_machines": [machine()], STATUSES: [listed(status())], VIEWS: {VM: []}},
        {VM: "unknown"},
    ),
    Case(PATCHES, "machine off", running(status("deallocated")), {VM: "unknown"}),
    *(
        Case(PATCHES, f"Windows 11 by its {name}", docs, {VM: "manual"}, reason="Windows 10 and 11")
        for name, docs in (
            ("image", running(model=windows("MicrosoftWindowsDesktop"))),
            ("license", running(model=windows(licenseType="Windows_Client"))),
            ("agent", running(status(osName="Windows 11 Enterprise multi-session"))),
            ("image, off", running(status("deallocated"), windows("microsoftwindowsdesktop"))),
            (
                "image, assessment failed",
                {**patched(result="Failed"), "virtual_machines": [windows("MicrosoftWindowsDesktop")]},
            ),
        )
    ),
    Case(PATCHES, "Windows Server", running(model=windows("MicrosoftWindowsServer")), {VM: "fail"}),
    Case(
        PATCHES,
        "Windows 11, patches missing",
        {**patched(2), "virtual_machines": [windows("MicrosoftWindowsDesktop")]},
        {VM: "fail"},
    ),
    Case(PATCHES, "node of a cluster", of_manager(CLUSTER, running()), {VM: "not_applicable"}),
    Case(
        PATCHES,
        "node of a cluster, off",
        of_manager(CLUSTER, running(status("deallocated"))),
        {VM: "not_applicable"},
    ),
    Case(
        PATCHES,
        "group of another manager",
        of_manager("Microsoft.Solutions/applications", running()),
        {VM: "fail"},
    ),
    Case(PATCHES, "groups forbidden", running(), {VM: "unknown"}, [gap("managed_resource_groups")]),
    Case(PATCHES, "count absent", patched(None), {VM: "unknown"}),
    Case(PATCHES, "time absent", patched(when=None), {VM: "unknown"}),
    Case(PATCHES, "a restart is pending", patched(rebootPending=True), {VM: "pass"}, remark="restart"),
    *(
        Case(
            PATCHES,
            f"assessment mode {mode}",
            {**patched(), "virtual_machines": [machine({"patchSettings": {"assessmentMode": mode}})]},
            {VM: "pass"},
            **{"no_remark" if mode == "AutomaticByPlatform" else "remark": "periodically"},
        )
        for mode in ("AutomaticByPlatform", "ImageDefault", None)
    ),
    Case(
        PATCHES,
        "patches not orchestrated by Azure",
        {**patched(), "virtual_machines": [machine({"patchSettings": {"patchMode": "ImageDefault"}})]},
        {VM: "pass"},
        remark="does not orchestrate",
    ),
    Case(PATCHES, "status forbidden", {"virtual_machines": [machine()]}, {VM: "unknown"}, [gap(STATUSES)]),
)


def vulnerability(
    severity: str = "High", code: str = "Unhealthy", since: Any = "2026-09-01T00:00:00Z", **more: Any
) -> dict[str, Any]:
    identifier = f"{VM}/providers/Microsoft.Security/assessments/a/subAssessments/v1"
    properties = {
        "id": "CVE-2026-1",
        "status": {"code": code, "severity": severity},
        "timeGenerated": since,
        "additionalData": {},
        **more,
    }
    return doc(identifier, properties)


def update(severity: str = "High", since: Any = "2026-09-01T00:00:00Z", **status: Any) -> dict[str, Any]:
    """A recommendation of a single software update, as Resource Graph returns it."""
    properties = {
        "displayName": "Update OpenSSL",
        "status": {"code": "Unhealthy", "firstEvaluationDate": since, **status},
        "metadata": {"severity": severity, "recommendationCategory": "SoftwareUpdate"},
    }
    return doc(f"{VM}/providers/Microsoft.Security/assessments/b", properties)


def weak(*found: dict[str, Any], updates: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {
        "virtual_machines": [machine()],
        "security_subassessments": {SUB: list(found)},
        "software_updates": {SUB: list(updates)},
    }


_SOFTWARE = _all(
    SOFTWARE,
    Case(SOFTWARE, "no vulnerability", weak(), {VM: "manual"}),
    Case(SOFTWARE, "node of a cluster", of_cluster(weak()), {VM: "not_applicable"}, reason="aks-upgrade"),
    Case(
        SOFTWARE,
        "node of a cluster, severe and old",
        of_cluster(weak(vulnerability())),
        {VM: "not_applicable"},
    ),
    Case(
        SOFTWARE,
        "node of a cluster, time absent",
        of_cluster(weak(vulnerability(since=None))),
        {VM: "unknown"},
    ),
    Case(SOFTWARE, "managed groups forbidden", weak(), {VM: "unknown"}, [gap("managed_resource_groups")]),
    Case(SOFTWARE, "severe and old", weak(vulnerability()), {VM: "fail"}),
    Case(SOFTWARE, "severe and recent", weak(vulnerability(since="2026-11-20T00:00:00Z")), {VM: "manual"}),
    Case(
        SOFTWARE,
        "published long ago, found today",
        weak(
            vulnerability(
                since="2026-11-25T00:00:00Z", additionalData={"publishedTime": "2026-01-01T00:00:00Z"}
            )
        ),
        {VM: "fail"},
    ),
    Case(SOFTWARE, "medium", weak(vulnerability("Medium")), {VM: "manual"}),
    Case(SOFTWARE, "resolved", weak(vulnerability(code="Healthy")), {VM: "manual"}),
    Case(SOFTWARE, "time absent", weak(vulnerability(since=None)), {VM: "unknown"}),
    Case(
        SOFTWARE,
        "findings forbidden",
        {"virtual_machines": [machine()]},
        {VM: "unknown"},
        [gap("security_subassessments")],
    ),
    Case(SOFTWARE, "update severe and old", weak(updates=[update()]), {VM: "fail"}),
    Case(SOFTWARE, "update critical", weak(updates=[update("critical")]), {VM: "fail"}),
    Case(SOFTWARE, "update recent", weak(updates=[update(since="2026-11-20T00:00:00Z")]), {VM: "manual"}),
    Case(SOFTWARE, "update of medium severity", weak(updates=[update("Medium")]), {VM: "manual"}),
    Case(SOFTWARE, "update installed", weak(updates=[update(code="Healthy")]), {VM: "manual"}),
    Case(
        SOFTWARE,
        "update without a date",
        weak(updates=[update(since=None)]),
        {VM: "manual"},
        remark="states no date",
    ),
    Case(SOFTWARE, "update with an unreadable date", weak(updates=[update(since=7)]), {VM: "unknown"}),
    Case(
        SOFTWARE,
        "update without a date beside an old vulnerability",
        weak(vulnerability(), updates=[update(since=None)]),
        {VM: "fail"},
        remark="states no date",
    ),
    Case(
        SOFTWARE,
        "updates forbidden",
        {"virtual_machines": [machine()], "security_subassessments": {SUB: [vulnerability()]}},
        {VM: "unknown"},
        [gap("software_updates")],
    ),
)

RECENT = "2026-11-20T00:00:00+00:00"


def imported(*scans: dict[str, Any], **docs: Any) -> dict[str, Any]:
    return {**(docs or weak()), "imported_scans": {SUB: list(scans)}}


_IMPORTED = [
    Case(SOFTWARE, "scan without vulnerabilities", imported(scan(VM)), {VM: "pass"}),
    Case(SOFTWARE, "node of a cluster, scanned", of_cluster(imported(scan(VM))), {VM: "pass"}),
    Case(SOFTWARE, "imported, severe and old", imported(scan(VM, found())), {VM: "fail"}),
    Case(SOFTWARE, "imported, severe and recent", imported(scan(VM, found(since=RECENT))), {VM: "pass"}),
    Case(SOFTWARE, "imported, high and old", imported(scan(VM, found("high"))), {VM: "fail"}),
    Case(SOFTWARE, "imported, medium and old", imported(scan(VM, found("medium"))), {VM: "pass"}),
    Case(
        SOFTWARE,
        "medium vulnerabilities are judged",
        imported(scan(VM, found("medium"))),
        {VM: "fail"},
        reason="Vulnerabilities older than 30 days: 1",
        params={"severities": "critical, high, medium"},
    ),
    Case(
        SOFTWARE,
        "only critical vulnerabilities are judged",
        imported(scan(VM, found("high"))),
        {VM: "pass"},
        params={"severities": "critical"},
    ),
    Case(
        SOFTWARE,
        "one vulnerability found by two scanners counts once",
        imported(scan(VM, found()), scan(VM, found(), by="qualys")),
        {VM: "fail"},
        reason="older than 30 days: 1",
    ),
    Case(
        SOFTWARE,
        "the scan is too old",
        imported(scan(VM, found(), at="2026-01-01T00:00:00+00:00")),
        {VM: "manual"},
        remark="No scan was imported in the last 90 days",
    ),
    Case(
        SOFTWARE,
        "scan of another machine",
        imported(scan(f"{VM}2")),
        {VM: "manual"},
        remark="No scan was imported in the last 90 days",
    ),
    Case(
        SOFTWARE,
        "the scanner did not sign in",
        imported(scan(VM, authenticated=False)),
        {VM: "manual"},
        remark="did not sign in to the machine",
    ),
    Case(SOFTWARE, "the scanner signed in", imported(scan(VM, authenticated=True)), {VM: "pass"}),
    Case(
        SOFTWARE,
        "a vulnerability without severity",
        imported(scan(VM, found("unknown"))),
        {VM: "manual"},
        remark="without a severity in the imported scan: 1",
    ),
    Case(SOFTWARE, "a severity of the future", imported(scan(VM, found("grave"))), {VM: "unknown"}),
    Case(SOFTWARE, "unreadable time of a vulnerability", imported(scan(VM, found(since=7))), {VM: "unknown"}),
    Case(
        SOFTWARE,
        "Defender found more than the scan",
        imported(scan(VM), **weak(vulnerability())),
        {VM: "fail"},
    ),
    Case(
        SOFTWARE,
        "findings of Defender forbidden",
        imported(scan(VM), virtual_machines=[machine()]),
        {VM: "unknown"},
        [gap("security_subassessments")],
    ),
    Case(
        SOFTWARE,
        "imported scan where Defender was retired",
        imported(scan(VM)),
        {VM: "pass"},
        cloud="AzureChinaCloud",
    ),
]

CASES = [*_AGENT, *_PATCHES, *_SOFTWARE, *_IMPORTED]
OFFICIAL_VERDICTS = """
vm-agent-running pass: myVM
vm-os-patches fail: myVM
vm-software-patches manual: myVM
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Overview › Properties › Agent status",
        DocsFile(
            "MicrosoftDocs/SupportArticles-docs/support/azure/virtual-machines/windows/windows-azure-guest-agent.md",
            "0eb21068da725325171269dab3883e626218d06f",
            "search for and select Virtual machines",
            "select Overview",
            "select the Properties tab",
            "Agent status field",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Operations › Updates › Check for updates",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/update-manager/view-updates.md",
            "394b436a8e75ffd368440fcba9972a60010dc86b",
            "open the Virtual machines | Updates page",
            "Under Operations, select Updates",
            "select Check for updates",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Recommendations › Vulnerabilities"
        " › Group by resource › {machine}",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/review-security-recommendations.md",
            "005d120789c99c9824c62c3c0bf0f5ce29aa5c18",
            "Microsoft Defender for Cloud",
            "Defender for Cloud > Recommendations",
            "Vulnerabilities",
            "Group by resource",
        ),
    ),
]
