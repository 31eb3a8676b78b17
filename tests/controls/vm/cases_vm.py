"""Virtual machines."""

from __future__ import annotations

from typing import Any

from tests.controls.cases import Case
from tests.controls.kit import RG, SUB, doc, gap

AGENT, PATCHES, SOFTWARE = "vm-agent-running", "vm-os-patches", "vm-software-patches"
PROTECTION, DISKS, FIREWALL = "vm-endpoint-protection", "vm-disk-encryption", "vm-os-firewall"
VM = f"{RG}/providers/Microsoft.Compute/virtualMachines/vm1"
OS_DISK, DATA_DISK = (f"{RG}/providers/Microsoft.Compute/disks/{name}" for name in ("os", "data"))
STATUSES = "virtual_machine_statuses"


def machine(configuration: Any = None, **properties: Any) -> dict[str, Any]:
    linux = {"provisionVMAgent": True, "patchSettings": {"patchMode": "AutomaticByPlatform"}}
    profile = {"linuxConfiguration": linux if configuration is None else configuration}
    storage = {"osDisk": {"name": "os", "managedDisk": {"id": OS_DISK}}, "dataDisks": []}
    held = {
        "osProfile": {**profile, "allowExtensionOperations": True},
        "storageProfile": storage,
        **properties,
    }
    return {**doc(VM, held), "location": "westeurope"}


def status(
    power: str = "running", agent: Any = "Ready", version: Any = "2.11", **view: Any
) -> dict[str, Any]:
    held = {
        "statuses": [{"code": "ProvisioningState/succeeded"}, {"code": f"PowerState/{power}"}],
        "vmAgent": {"vmAgentVersion": version, "statuses": [{"code": "x", "displayStatus": agent}]},
        **view,
    }
    return doc(VM, {"instanceView": held})


def running(run_time: dict[str, Any] | None = None, model: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"virtual_machines": [model or machine()], STATUSES: [run_time or status()]}


def _all(slug: str, *more: Case) -> list[Case]:
    return [
        Case(slug, "no machine", {}, {SUB: "not_applicable"}),
        Case(slug, "machines forbidden", {}, {SUB: "unknown"}, [gap("virtual_machines")]),
        *more,
    ]


_AGENT = _all(
    AGENT,
    Case(AGENT, "ready", running(), {VM: "pass"}),
    Case(AGENT, "not ready", running(status(agent="Not Ready")), {VM: "fail"}),
    Case(AGENT, "no version", running(status(version="Unknown")), {VM: "fail"}),
    Case(AGENT, "deallocated", running(status("deallocated")), {VM: "not_applicable"}),
    Case(AGENT, "stopped", running(status("Stopped")), {VM: "not_applicable"}),
    Case(
        AGENT,
        "made without, deallocated",
        running(status("deallocated"), machine({"provisionVMAgent": False})),
        {VM: "fail"},
    ),
    Case(
        AGENT,
        "no extensions",
        running(model=machine(osProfile={"linuxConfiguration": {}, "allowExtensionOperations": False})),
        {VM: "pass"},
        remark="extensions are not allowed",
    ),
    Case(
        AGENT,
        "status on the machine itself",
        {"virtual_machines": [machine(**status()["properties"])]},
        {VM: "pass"},
    ),
    Case(AGENT, "no status", {"virtual_machines": [machine()]}, {VM: "unknown"}),
    Case(AGENT, "status forbidden", {"virtual_machines": [machine()]}, {VM: "unknown"}, [gap(STATUSES)]),
    Case(AGENT, "no power state", running(status(statuses=[])), {VM: "unknown"}),
    Case(AGENT, "agent absent", running(status(vmAgent=None)), {VM: "unknown"}),
)


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
    Case(PATCHES, "none missing", patched(), {VM: "pass"}),
    Case(PATCHES, "some missing", patched(3), {VM: "fail"}, reason="3 critical or security"),
    Case(PATCHES, "7 days old to the second", patched(when="2026-11-18T12:00:00Z"), {VM: "pass"}),
    Case(PATCHES, "older", patched(when="2026-11-18T11:59:59Z"), {VM: "fail"}, reason="not assessed"),
    Case(PATCHES, "failed", patched(result="Failed"), {VM: "fail"}, reason="not assessed"),
    Case(PATCHES, "under way", patched(result="InProgress"), {VM: "unknown"}),
    Case(PATCHES, "never", running(), {VM: "fail"}, reason="not assessed"),
    Case(PATCHES, "off", running(status("deallocated")), {VM: "unknown"}),
    Case(PATCHES, "count absent", patched(None), {VM: "unknown"}),
    Case(PATCHES, "time absent", patched(when=None), {VM: "unknown"}),
    Case(PATCHES, "a restart is pending", patched(rebootPending=True), {VM: "pass"}, remark="restart"),
    Case(
        PATCHES,
        "patched by hand",
        {**patched(), "virtual_machines": [machine({"patchSettings": {"patchMode": "ImageDefault"}})]},
        {VM: "pass"},
        remark="not orchestrated",
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


def weak(*found: dict[str, Any]) -> dict[str, Any]:
    return {"virtual_machines": [machine()], "security_subassessments": {SUB: list(found)}}


_SOFTWARE = _all(
    SOFTWARE,
    Case(SOFTWARE, "nothing found", weak(), {VM: "manual"}),
    Case(SOFTWARE, "grave and old", weak(vulnerability()), {VM: "fail"}),
    Case(SOFTWARE, "grave and new", weak(vulnerability(since="2026-11-20T00:00:00Z")), {VM: "manual"}),
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
)

EDR_NAME = "EDR solution should be installed on Virtual Machines"
EDR = f"{VM}/providers/Microsoft.Security/assessments/06e3a6db-0000-0000-0000-000000000001"


def edr(code: Any, name: Any = EDR_NAME) -> dict[str, Any]:
    return doc(EDR, {"displayName": name, "status": {"code": code}})


def installed(
    kind: str = "MDE.Linux",
    publisher: str = "Microsoft.Azure.AzureDefenderForServers",
    state: str = "Succeeded",
) -> list[dict[str, Any]]:
    held = {"publisher": publisher, "type": kind, "provisioningState": state}
    return [doc(f"{VM}/extensions/{kind}", held)]


def protected(*assessments: dict[str, Any], extensions: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "virtual_machines": [machine()],
        "security_assessments": {SUB: list(assessments)},
        "virtual_machine_extensions": {VM: list(extensions)},
        **more,
    }


METADATA = {
    SUB: [
        doc(
            "/providers/Microsoft.Security/assessmentMetadata/06e3a6db-0000-0000-0000-000000000001",
            {"displayName": EDR_NAME},
        )
    ]
}
_PROTECTION = _all(
    PROTECTION,
    Case(PROTECTION, "healthy", protected(edr("Healthy")), {VM: "pass"}),
    Case(
        PROTECTION,
        "unhealthy, though installed",
        protected(edr("Unhealthy"), extensions=installed()),
        {VM: "fail"},
    ),
    Case(
        PROTECTION,
        "not applicable, installed",
        protected(edr("NotApplicable"), extensions=installed()),
        {VM: "pass"},
    ),
    Case(PROTECTION, "installed", protected(extensions=installed()), {VM: "pass"}),
    Case(
        PROTECTION,
        "not installed well",
        protected(extensions=installed(state="Failed")),
        {VM: "manual"},
        remark="not installed",
    ),
    Case(PROTECTION, "another extension", protected(extensions=installed("Script", "Acme")), {VM: "manual"}),
    Case(
        PROTECTION,
        "a vendor's",
        protected(extensions=installed("Script", "Acme")),
        {VM: "pass"},
        params={"vendors": "x/y; acme/script"},
    ),
    Case(
        PROTECTION,
        "named by its metadata",
        protected(edr("Unhealthy", None), security_assessments_metadata=METADATA),
        {VM: "fail"},
    ),
    Case(
        PROTECTION,
        "metadata forbidden",
        protected(edr("Unhealthy", None)),
        {VM: "unknown"},
        [gap("security_assessments_metadata")],
    ),
    Case(
        PROTECTION,
        "recommendations forbidden",
        {"virtual_machines": [machine()], "virtual_machine_extensions": {VM: installed()}},
        {VM: "unknown"},
        [gap("security_assessments")],
    ),
    Case(
        PROTECTION,
        "extensions forbidden",
        {"virtual_machines": [machine()], "security_assessments": {SUB: []}},
        {VM: "unknown"},
        [gap("virtual_machine_extensions", VM)],
    ),
    Case(PROTECTION, "code absent", protected(edr(None)), {VM: "unknown"}),
)


def disk(
    identifier: str = OS_DISK,
    ade: bool | None = None,
    state: str = "Attached",
    kind: str = "EncryptionAtRestWithPlatformKey",
) -> dict[str, Any]:
    properties: dict[str, Any] = {"diskState": state, "encryption": {"type": kind}}
    if ade is not None:
        properties["encryptionSettingsCollection"] = {"enabled": ade}
    return doc(identifier, properties)


def disks(os_disk: Any = None, data_disks: Any = (), listed: Any = (), **properties: Any) -> dict[str, Any]:
    system = {"name": "os", "managedDisk": {"id": OS_DISK}} if os_disk is None else os_disk
    model = machine(storageProfile={"osDisk": system, "dataDisks": list(data_disks)}, **properties)
    return {"virtual_machines": [model], "disks": list(listed)}


DATA = {"name": "data", "lun": 0, "managedDisk": {"id": DATA_DISK}}
AT_HOST = {"encryptionAtHost": True}
CONFIDENTIAL = {"id": OS_DISK, "securityProfile": {"securityEncryptionType": "DiskWithVMGuestState"}}
OWN_KEYS = "EncryptionAtRestWithCustomerKey"
_DISKS = _all(
    DISKS,
    Case(DISKS, "at the host", disks(securityProfile=AT_HOST), {VM: "pass"}),
    Case(DISKS, "platform keys only", disks(listed=[disk()]), {VM: "fail"}),
    Case(DISKS, "L1", disks(listed=[disk()]), {VM: "pass"}, params={"level": "L1"}),
    Case(
        DISKS,
        "unmanaged",
        disks({"name": "os", "vhd": {"uri": "https://x/y.vhd"}}),
        {VM: "fail"},
        params={"level": "L1"},
    ),
    Case(
        DISKS,
        "an unmanaged data disk, at the host",
        disks(data_disks=[{"name": "d", "vhd": {"uri": "x"}}], securityProfile=AT_HOST),
        {VM: "fail"},
    ),
    Case(DISKS, "confidential", disks({"name": "os", "managedDisk": CONFIDENTIAL}), {VM: "pass"}),
    Case(
        DISKS,
        "encrypted inside",
        disks(data_disks=[DATA], listed=[disk(ade=True), disk(DATA_DISK, True)]),
        {VM: "pass"},
        remark="15 September 2028",
    ),
    Case(
        DISKS,
        "the data disk is not",
        disks(data_disks=[DATA], listed=[disk(ade=True), disk(DATA_DISK)]),
        {VM: "fail"},
    ),
    Case(DISKS, "own keys alone", disks(listed=[disk(kind=OWN_KEYS)]), {VM: "fail"}, remark="temporary disk"),
    Case(DISKS, "disks forbidden", disks(), {VM: "unknown"}, [gap("disks")]),
    Case(DISKS, "disks forbidden, at the host", disks(securityProfile=AT_HOST), {VM: "pass"}, [gap("disks")]),
    Case(DISKS, "the disk is not listed", disks(), {VM: "unknown"}),
    Case(DISKS, "no system disk", {"virtual_machines": [doc(VM)]}, {VM: "unknown"}),
    Case(
        DISKS,
        "unattached, strict",
        disks(securityProfile=AT_HOST, listed=[disk(), disk(DATA_DISK, state="Unattached")]),
        {VM: "pass", DATA_DISK: "fail"},
        params={"level": "strict"},
    ),
    Case(
        DISKS,
        "unattached, own keys",
        disks(securityProfile=AT_HOST, listed=[disk(DATA_DISK, state="Unattached", kind=OWN_KEYS)]),
        {VM: "pass", DATA_DISK: "pass"},
        params={"level": "strict"},
    ),
)


def baseline(code: Any = "Compliant", name: str = "AzureLinuxBaseline", *phrases: str) -> dict[str, Any]:
    identifier = f"{VM}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/{name}"
    reasons = [{"code": "x", "phrase": phrase} for phrase in phrases]
    report = {
        "resources": [{"complianceStatus": "NonCompliant" if phrases else "Compliant", "reasons": reasons}]
    }
    return doc(identifier, {"complianceStatus": code, "latestAssignmentReport": report})


def checked(*assignments: dict[str, Any]) -> dict[str, Any]:
    return {"virtual_machines": [machine()], "guest_configuration": {SUB: list(assignments)}}


_FIREWALL = _all(
    FIREWALL,
    Case(FIREWALL, "compliant", checked(baseline()), {VM: "pass"}),
    Case(
        FIREWALL,
        "the firewall is off",
        checked(baseline("NonCompliant", "AzureWindowsBaseline", "Windows Firewall: Domain state is off")),
        {VM: "fail"},
    ),
    Case(
        FIREWALL,
        "something else",
        checked(baseline("NonCompliant", "AzureLinuxBaseline", "No password")),
        {VM: "manual"},
    ),
    Case(FIREWALL, "under way", checked(baseline("Pending")), {VM: "manual"}),
    Case(FIREWALL, "no assignment", checked(), {VM: "manual"}),
    Case(FIREWALL, "another assignment", checked(baseline(name="Other")), {VM: "manual"}),
    Case(FIREWALL, "status absent", checked(baseline(None)), {VM: "unknown"}),
    Case(
        FIREWALL,
        "assignments forbidden",
        {"virtual_machines": [machine()]},
        {VM: "unknown"},
        [gap("guest_configuration")],
    ),
)

CASES = [*_AGENT, *_PATCHES, *_SOFTWARE, *_PROTECTION, *_DISKS, *_FIREWALL]
IMPOSSIBLE: dict[str, dict[str, str]] = {}
ABSENCE_PASSES: list[tuple[str, str, str]] = []
