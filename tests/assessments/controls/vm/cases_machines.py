"""Settings of virtual machines: managed disks, trusted launch, SSH keys and just-in-time access."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.vm.documents import DATA_DISK, OS_DISK, VM, machine, of_cluster
from tests.assessments.controls.vmss.cases_scale_sets import CLUSTER, SET, listed, scale_set
from tests.assessments.controls.vmss.cases_scale_sets import FORBIDDEN as SETS_FORBIDDEN

VHD = {"uri": "https://stshop.blob.core.windows.net/vhds/os.vhd"}
NONE: tuple[Any, ...] = ("no machine", {}, {SUB: "not_applicable"})
FORBIDDEN: tuple[Any, ...] = (
    "machines forbidden",
    {},
    {SUB: "unknown"},
    {"gaps": [gap("virtual_machines")]},
)


def one(configuration: Any = None, **properties: Any) -> dict[str, Any]:
    return {"virtual_machines": [machine(configuration, **properties)]}


def disks(system: Any, *data: Any) -> dict[str, Any]:
    return one(storageProfile={"osDisk": system, "dataDisks": list(data)})


MANAGED = {"name": "os", "osType": "Linux", "managedDisk": {"id": OS_DISK}}
DATA = {"name": "data", "lun": 0, "managedDisk": {"id": DATA_DISK}}


def launched(kind: Any = "TrustedLaunch", generation: str = "", **uefi: Any) -> dict[str, Any]:
    properties = {"hyperVGeneration": generation} if generation else {}
    settings = {"securityType": kind, "uefiSettings": uefi}
    return {**one(securityProfile=settings), "disks": [doc(OS_DISK, properties)]}


def without_profile(generation: str) -> dict[str, Any]:
    return {**one(), "disks": [doc(OS_DISK, {"hyperVGeneration": generation})]}


def model(mode: Any = "Uniform", **profile: Any) -> dict[str, Any]:
    """A scale set that creates its machines from this profile."""
    return listed(scale_set(mode, profile))


def disk_of_set(**disk: Any) -> dict[str, Any]:
    return model(storageProfile={"osDisk": {"osType": "Linux", **disk}})


def launch_of_set(kind: Any, **uefi: Any) -> dict[str, Any]:
    return model(securityProfile={"securityType": kind, "uefiSettings": uefi})


def node_pool(kind: Any, by: Any = CLUSTER) -> dict[str, Any]:
    """The scale set of a node pool of Azure Kubernetes Service."""
    return {**launch_of_set(kind), "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=by)]}}


def ssh_of_set(
    setting: Any, system: Any = "Linux", mode: Any = "Uniform", status: Any = None
) -> dict[str, Any]:
    docs = model(
        mode,
        storageProfile={"osDisk": {"osType": system}},
        osProfile={"linuxConfiguration": {"disablePasswordAuthentication": setting}},
    )
    assignment = (
        f"{SET}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/LinuxNoPasswordForSSH"
    )
    body = doc(
        assignment, {"complianceStatus": status, "lastComplianceStatusChecked": "2026-11-25T08:00:00Z"}
    )
    return docs if status is None else {**docs, "guest_configuration": {SUB: [body]}}


VHD_CONTAINERS = ["https://stshop.blob.core.windows.net/vhds"]
ON = {"secureBootEnabled": True, "vTpmEnabled": True}
FIRST = {"params": {"unsupported": "na"}}


def linux(setting: Any = None, **more: Any) -> dict[str, Any]:
    configuration = {} if setting is None else {"disablePasswordAuthentication": setting}
    return {**one(configuration, storageProfile={"osDisk": MANAGED, "dataDisks": []}), **more}


def checked(
    status: Any, setting: Any = None, at: Any = "2026-11-25T08:00:00Z", name: str = "LinuxNoPasswordForSSH"
) -> dict[str, Any]:
    assignment = f"{VM}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/{name}"
    body = doc(assignment, {"complianceStatus": status, "lastComplianceStatusChecked": at})
    return linux(setting, guest_configuration={SUB: [body]})


WINDOWS = one(
    storageProfile={"osDisk": {**MANAGED, "osType": "Windows"}, "dataDisks": []},
    osProfile={"windowsConfiguration": {}},
)
WITHOUT_PROFILE = one(storageProfile={"osDisk": MANAGED, "dataDisks": []}, osProfile=None)

POLICY = f"{RG}/providers/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default"
ASSESSMENT = f"{VM}/providers/Microsoft.Security/assessments/805651bc-6ecd-4c73-9b55-97a19d0582d0"
PRICING = f"{SUB}/providers/Microsoft.Security/pricings/VirtualMachines"


def port(number: Any = 22, source: Any = "203.0.113.0/24", **more: Any) -> dict[str, Any]:
    return {"number": number, "protocol": "TCP", "allowedSourceAddressPrefix": source, **more}


def requested(*ports: Any, machine_id: str = VM.upper()) -> dict[str, Any]:
    """A machine, and a policy of just-in-time access that names the machine with these ports."""
    return ports_of(list(ports), machine_id)


def ports_of(ports: Any, machine_id: str = VM) -> dict[str, Any]:
    held = {"virtualMachines": [{"id": machine_id, "ports": ports}]}
    return {**one(), "jit_policies": {SUB: [doc(POLICY, held)]}}


def assessed(code: Any, **more: Any) -> dict[str, Any]:
    return {**one(), "security_assessments": {SUB: [doc(ASSESSMENT, {"status": {"code": code}})]}, **more}


def plan(tier: str, sub_plan: str) -> dict[str, Any]:
    return {"defender_pricings": [doc(PRICING, {"pricingTier": tier, "subPlan": sub_plan})]}


CASES = [
    *rows(
        "vm-managed-disks",
        ("managed", disks(MANAGED, DATA), {VM: "pass"}),
        ("managed, made from a blob", disks({**MANAGED, "vhd": VHD}), {VM: "pass"}),
        ("system disk unmanaged", disks({"name": "os", "vhd": VHD}), {VM: "fail"}, {"remark": "retired"}),
        ("data disk unmanaged", disks(MANAGED, DATA, {"name": "old", "vhd": VHD}), {VM: "fail"}),
        ("neither", disks({"name": "os"}), {VM: "unknown"}),
        ("blob without an address", disks({"name": "os", "vhd": {}}), {VM: "unknown"}),
        ("no list of data disks", one(storageProfile={"osDisk": MANAGED}), {VM: "unknown"}),
        (
            "scale set, managed",
            disk_of_set(managedDisk={"storageAccountType": "Standard_LRS"}),
            {SET: "pass"},
        ),
        (
            "scale set, managed, made from a blob",
            disk_of_set(managedDisk={}, image=VHD, vhdContainers=VHD_CONTAINERS),
            {SET: "pass"},
        ),
        (
            "scale set, containers",
            disk_of_set(vhdContainers=VHD_CONTAINERS),
            {SET: "fail"},
            {"remark": "retired"},
        ),
        ("scale set, an image in a blob", disk_of_set(image=VHD), {SET: "fail"}),
        ("scale set, neither", disk_of_set(), {SET: "unknown"}),
        ("flexible scale set", model("Flexible"), {SUB: "not_applicable"}),
        SETS_FORBIDDEN,
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vm-trusted-launch",
        ("on", launched(**ON), {VM: "pass"}),
        (
            "secure boot off",
            launched(secureBootEnabled=False, vTpmEnabled=True),
            {VM: "fail"},
            {"reason": "boot is off"},
        ),
        ("vTPM off", launched(secureBootEnabled=True), {VM: "fail"}, {"reason": "vTPM is off"}),
        ("both off", launched(), {VM: "fail"}, {"reason": "Secure boot and the vTPM are off"}),
        ("confidential", launched("ConfidentialVM", **ON), {VM: "pass"}, {"no_remark": "boot"}),
        (
            "confidential without secure boot",
            launched("confidentialvm", vTpmEnabled=True),
            {VM: "pass"},
            {"remark": "boot"},
        ),
        ("confidential without vTPM", launched("ConfidentialVM", secureBootEnabled=True), {VM: "fail"}),
        ("standard", launched("Standard", **ON), {VM: "fail"}),
        ("nothing stated", one(), {VM: "fail"}, {"no_remark": "generation"}),
        ("generation 1", without_profile("V1"), {VM: "fail"}, {"remark": "generation 1"}),
        ("generation 2", without_profile("V2"), {VM: "fail"}, {"no_remark": "generation"}),
        ("generation 1 left out", without_profile("V1"), {VM: "not_applicable"}, FIRST),
        ("generation 2 not left out", without_profile("V2"), {VM: "fail"}, FIRST),
        ("generation not known", one(), {VM: "unknown"}, {**FIRST, "gaps": [gap("disks")]}),
        ("a new type", launched("MoonLaunch", **ON), {VM: "unknown"}),
        ("scale set, on", launch_of_set("TrustedLaunch", **ON), {SET: "pass"}),
        ("scale set, standard", launch_of_set("Standard"), {SET: "fail"}, {"no_remark": "generation"}),
        ("node pool, standard", node_pool("Standard"), {SET: "fail"}, {"reason": "Trusted launch is off"}),
        ("node pool of an unreadable cluster", node_pool("Standard", by="moon"), {SET: "fail"}),
        (
            "scale set, groups forbidden",
            launch_of_set("Standard"),
            {SET: "fail"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        ("scale set, secure boot off", launch_of_set("TrustedLaunch", vTpmEnabled=True), {SET: "fail"}),
        ("scale set, nothing stated", model(), {SET: "fail"}),
        ("scale set without a model", listed(scale_set()), {SET: "unknown"}),
        ("flexible scale set", model("Flexible"), {SUB: "not_applicable"}),
        SETS_FORBIDDEN,
        ("setting is text", launched(secureBootEnabled="true", vTpmEnabled=True), {VM: "unknown"}),
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vm-linux-ssh-key",
        ("keys only", linux(True), {VM: "pass"}, {"remark": "when the resource was created"}),
        ("passwords", linux(False), {VM: "fail"}, {"remark": "when the resource was created"}),
        ("absent", linux(), {VM: "fail"}),
        ("text", linux("true"), {VM: "unknown"}),
        ("Windows", WINDOWS, {VM: "not_applicable"}),
        ("made from a disk", WITHOUT_PROFILE, {VM: "unknown"}),
        (
            "neither Linux nor Windows settings",
            one(storageProfile={"osDisk": MANAGED, "dataDisks": []}, osProfile={}),
            {VM: "unknown"},
        ),
        ("system not stated", one({"disablePasswordAuthentication": True}), {VM: "unknown"}),
        (
            "checked, compliant",
            checked("Compliant", False),
            {VM: "pass"},
            {"no_remark": "when the resource was created"},
        ),
        ("checked, not compliant", checked("NonCompliant", True), {VM: "fail"}),
        ("not checked yet", checked("Pending", True), {VM: "pass"}),
        ("checked long ago", checked("NonCompliant", True, "2026-11-01T08:00:00Z"), {VM: "pass"}),
        ("never checked", checked("Compliant", False, "0001-01-01T00:00:00Z"), {VM: "fail"}),
        ("time of the check not stated", checked("Compliant", True, None), {VM: "unknown"}),
        ("another assignment", checked("NonCompliant", True, name="AzureLinuxBaseline"), {VM: "pass"}),
        ("a new status", checked("Perhaps", True), {VM: "unknown"}),
        (
            "scale set, keys only",
            ssh_of_set(True),
            {SET: "pass"},
            {"remark": "when the resource was created"},
        ),
        ("scale set, passwords", ssh_of_set(False), {SET: "fail"}),
        ("scale set, Windows", ssh_of_set(True, "Windows"), {SET: "not_applicable"}),
        ("scale set, system not stated", ssh_of_set(True, None), {SET: "pass"}),
        ("scale set, system not stated, passwords", ssh_of_set(False, None), {SET: "fail"}),
        (
            "scale set, system not stated, Windows",
            model(storageProfile={"osDisk": {}}, osProfile={"windowsConfiguration": {}}),
            {SET: "not_applicable"},
        ),
        (
            "scale set, nothing stated",
            model(storageProfile={"osDisk": {}}, osProfile={}),
            {SET: "unknown"},
        ),
        ("scale set, checked", ssh_of_set(True, status="NonCompliant"), {SET: "fail"}),
        ("flexible scale set", ssh_of_set(False, mode="Flexible"), {SUB: "not_applicable"}),
        SETS_FORBIDDEN,
        ("assignments forbidden", linux(True), {VM: "unknown"}, {"gaps": [gap("guest_configuration")]}),
        FORBIDDEN,
        NONE,
    ),
    *rows(
        "vm-jit",
        ("a policy", requested(port()), {VM: "pass"}, {"no_remark": "every address"}),
        ("from everywhere", requested(port(source="*")), {VM: "pass"}, {"remark": "every address"}),
        (
            "from everywhere, in a list",
            requested(port(source=None, allowedSourceAddressPrefixes=["0.0.0.0/0"])),
            {VM: "pass"},
            {"remark": "every address"},
        ),
        ("a policy without ports", requested(), {VM: "fail"}),
        ("of another machine", requested(port(), machine_id=f"{VM}2"), {VM: "fail"}),
        ("policy unreadable", {**one(), "jit_policies": {SUB: [doc(POLICY, {})]}}, {VM: "unknown"}),
        ("ports unreadable", ports_of("all"), {VM: "unknown"}),
        ("healthy", assessed("Healthy"), {VM: "pass"}),
        ("unhealthy", assessed("Unhealthy", **plan("Standard", "P2")), {VM: "fail"}, {"no_remark": "Plan 2"}),
        (
            "unhealthy, Plan 1",
            assessed("Unhealthy", **plan("Standard", "P1")),
            {VM: "fail"},
            {"remark": "Plan 2"},
        ),
        ("not applicable", assessed("NotApplicable"), {VM: "not_applicable"}),
        *(
            (f"node of a cluster, {name}", of_cluster(docs), {VM: expect}, {"reason": reason})
            for name, docs, expect, reason in (
                ("a policy", requested(port()), "pass", "policy"),
                ("healthy", assessed("Healthy"), "pass", "as protected"),
                ("unhealthy", assessed("Unhealthy"), "not_applicable", "see the control aks-node-public-ip"),
                ("nothing", one(), "not_applicable", "see the control aks-node-public-ip"),
            )
        ),
        ("managed groups forbidden", one(), {VM: "unknown"}, {"gaps": [gap("managed_resource_groups")]}),
        ("a new code", assessed("Perhaps"), {VM: "unknown"}),
        ("nothing", {**one(), **plan("Free", "P2")}, {VM: "fail"}, {"remark": "Plan 2"}),
        ("plans forbidden", one(), {VM: "fail"}, {"gaps": [gap("defender_pricings")], "no_remark": "Plan 2"}),
        ("policies forbidden", assessed("Healthy"), {VM: "unknown"}, {"gaps": [gap("jit_policies")]}),
        ("assessments forbidden", one(), {VM: "unknown"}, {"gaps": [gap("security_assessments")]}),
        FORBIDDEN,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (
        "vm-linux-ssh-key",
        r"properties\.virtualMachineProfile\.storageProfile(\.osDisk(\.osType)?)?",
        "models made from images of the marketplace may not state the system; then its settings count",
    ),
]
OFFICIAL_VERDICTS = """
vm-jit fail: myVM
vm-linux-ssh-key not_applicable: myVM myVirtualMachineScaleSet
vm-managed-disks pass: myVM myVirtualMachineScaleSet
vm-trusted-launch fail: myVM
vm-trusted-launch pass: myVirtualMachineScaleSet
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Configuration › Just-in-time access › Enable just-in-time",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/just-in-time-access-usage.md",
            "1bad5bb8c24197e61b6faf2d528867e1d53e5f60",
            "In the menu, select Configuration",
            "Under Just-in-time access, select Enable just-in-time",
        ),
    ),
    ComparedPath(
        "Azure portal › Policy › Assignments › Assign policy"
        " › “Authentication to Linux machines should require SSH keys”",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/governance/policy/assign-policy-portal.md",
            "0614402c87ac91c578369420fb1c0be13a3b4cac",
            "Search for policy and select it from the list",
            "Select Assignments on the Policy pane",
            "Select Assign Policy",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Disks › Migrate to managed disks",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/windows/convert-unmanaged-to-managed-disks.md",
            "1827cf353b07fd08b3141bd2e40291e1dbdd4a5f",
            "In the blade for the VM, select Disks from the menu",
            "At the top of the Disks blade, select Migrate to managed disks",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual Machine Scale Sets › Create",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machine-scale-sets/"
                "flexible-virtual-machine-scale-sets-portal.md"
            ),
            "0c6223e9484d9281f960129ff81c76e16e2eb2cf",
            "In the Azure portal search bar, search for and select Virtual Machine Scale Sets",
            "Select Create on the Virtual Machine Scale Sets page",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Configuration › Security type › Trusted launch",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/trusted-launch-existing-vm.md",
            "02773904e1bc237bc0c6251323af05c0dc7f5c3b",
            "The Configuration page for the VM opens",
            "On the Configuration page, under the Security type section, select the Security type dropdown list",
            "Under the dropdown list, select Trusted launch",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machine scale sets › {scale_set} › Settings › Configuration"
        " › Security type › Trusted launch",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/trusted-launch-existing-vmss.md",
            "883ff7bbc5259f994e7ef96832cbbeb5e1538d6f",
            (
                "Click on Standard Security type on Overview page of scale set OR navigate to Configuration "
                "under Settings"
            ),
            (
                "Update the security type drop-down on Configuration page from Standard to Trusted launch "
                "with Enable secure boot and Enable vTPM checked"
            ),
        ),
        not_in_text={
            "Virtual machine scale sets": "The list of scale sets, which a reader finds by its name.",
        },
    ),
]
