"""Controls of the managed disks, trusted launch and SSH keys of virtual machines and uniform scale sets.

The model of a uniform scale set has the settings of its machines. The machines of a flexible scale set are judged as
virtual machines.

Properties: azure-mgmt-compute 39.0.0 (StorageProfile, SecurityProfile, LinuxConfiguration,
VirtualMachineScaleSetVMProfile)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.aks_nodes import cluster_of
from assessments.controls.shared.security_profile import set_security_profile
from assessments.controls.shared.vm_status import is_ephemeral
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.controls.vmss.scale_sets import OF_SCALE_SET, SCALE_SET, SCALE_SETS_PORTAL
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import DISKS, GUEST_CONFIGURATION, VIRTUAL_MACHINES, VM_SCALE_SETS
from assessments.estate.ids import fold
from assessments.estate.machines.baselines import machine_of
from assessments.estate.machines.scale_sets import UNIFORM, has_unmanaged_disks, mode
from assessments.estate.view import REQUIRED, Unreadable, View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.facts import Facts

UNSUPPORTED: Final = Parameter(
    "unsupported",
    "fail",
    "Verdict on machines of generation 1, which must be upgraded to generation 2 for trusted launch: fail, or na (not"
    " applicable)",
    label="Machines of generation 1",
    choices=("fail", "na"),
)
# The values of `SecurityTypes` in the specification. If the property is absent, the type is Standard.
_SECURITY_TYPES: Final = frozenset({"standard", "trustedlaunch", "confidentialvm"})
# The name, in lower case, of the machine configuration assignment of the built-in policy “Authentication to Linux
# machines should require SSH keys” (630c64f9-8b6b-4c64-b511-6544ceff6fd6). Source:
# https://github.com/Azure/azure-policy
_SSH_ASSIGNMENT: Final = "linuxnopasswordforssh"
# Azure checks machines every 15 minutes while they run. A machine may be stopped for some days, so checks up to this
# age count. https://learn.microsoft.com/azure/governance/machine-configuration/overview
_MAX_AGE: Final = timedelta(days=7)

_OF_MACHINE: Final = "--resource-group {group} --name {machine} --subscription {subscription}"
_PORTAL: Final = "Azure portal › Virtual machines › {machine} ›"
_LEARN: Final = "https://learn.microsoft.com/azure/virtual-machines"


_TRUST_SCALE_SET: Final = set_security_profile(
    "vmss",
    OF_SCALE_SET,
    "virtualMachineProfile.securityProfile",
    {"securityType": "TrustedLaunch", "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}},
)
_MACHINE_TYPE: Final = "Microsoft.Compute/virtualMachines"
_MACHINES: Final = ("microsoft.compute/virtualmachines",)
_SCALE_SETS: Final = ("microsoft.compute/virtualmachinescalesets",)
_NONE: Final = "No virtual machines or uniform scale sets"


def _is_scale_set(resource: View) -> bool:
    return resource.collection == VM_SCALE_SETS.name


def _is_judged(resource: View, ctx: Context) -> bool:
    return not _is_scale_set(resource) or mode(resource) == UNIFORM


def _settings(resource: View) -> View:
    """Return the settings of a machine, or the settings in the model of a scale set."""
    properties = resource.object("properties")
    return properties.object("virtualMachineProfile") if _is_scale_set(resource) else properties


def _managed_disks(machine: View, ctx: Context) -> Verdict:
    if _is_scale_set(machine):
        return _managed_disks_of_set(machine)
    storage = machine.object("properties").object("storageProfile")
    disks = [storage.object("osDisk"), *storage.items("dataDisks")]
    # A disk with both `managedDisk` and `vhd` is managed: the blob is the source from which the disk was made.
    unmanaged = sorted(
        disk.text("name")
        for disk in disks
        if not disk.has("managedDisk") and disk.object("vhd", default={}).text("uri", default="")
    )
    if unmanaged:
        return failed(
            "The machine has unmanaged disks",
            remarks=[
                "Unmanaged disks retired on 31 March 2026: Azure stops their machines and does not start them again"
            ],
            unmanaged=unmanaged,
        )
    for disk in disks:
        disk.text("managedDisk.id")
    return passed("All disks are managed disks", disks=len(disks))


def _managed_disks_of_set(scale_set: View) -> Verdict:
    """Judge the system disk in the model of a scale set."""
    if has_unmanaged_disks(scale_set):
        return failed(
            "The scale set has unmanaged disks",
            remarks=[
                "Unmanaged disks retired on 31 March 2026: Azure stops their machines and does not start them again"
            ],
        )
    return passed("All disks are managed disks")


def _trusted_launch(machine: View, ctx: Context) -> Verdict:
    security = _settings(machine).object("securityProfile", default={})
    kind = security.choice("securityType", _SECURITY_TYPES, default="Standard")
    settings = security.object("uefiSettings", default={})
    secure_boot = settings.flag("secureBootEnabled", default=False)
    vtpm = settings.flag("vTpmEnabled", default=False)
    observed = {
        "securityType": security.raw("securityType"),
        "secureBootEnabled": settings.raw("secureBootEnabled"),
        "vTpmEnabled": settings.raw("vTpmEnabled"),
    }
    if kind == "standard":
        return _standard(machine, ctx, observed)
    if not vtpm:
        reason = (
            "The vTPM is off"
            if secure_boot or kind == "confidentialvm"
            else "Secure boot and the vTPM are off"
        )
        return failed(reason, **observed)
    if kind == "confidentialvm":
        return passed(
            "Confidential computing is on, with a vTPM",
            remarks=[] if secure_boot else ["Secure boot is off"],
            **observed,
        )
    if not secure_boot:
        return failed("Secure boot is off", **observed)
    return passed("Trusted launch is on", **observed)


def _secure_start(machine: View, ctx: Context) -> Verdict:
    verdict = _trusted_launch(machine, ctx)
    if verdict.outcome is not Outcome.FAIL:
        return verdict
    facts = cluster_of(machine, ctx)
    if not _is_scale_set(machine) and _has_ephemeral_disk(machine):
        facts["ephemeralSystemDisk"] = True
    return replace(verdict, observed={**verdict.observed, **facts})


def _has_ephemeral_disk(machine: View) -> bool:
    """Return whether the system disk of a machine is ephemeral. If the disk is not readable, return False: only the fix
    depends on the result.
    """
    try:
        return is_ephemeral(machine.object("properties.storageProfile.osDisk"))
    except Unreadable:
        return False


def _is_node_pool(facts: Facts) -> bool:
    return bool(facts.text("managedBy"))


def _can_switch(facts: Facts) -> bool:
    """Return whether trusted launch can be switched on for the machine of a failing finding."""
    is_confidential = facts.text("securityType").casefold() == "confidentialvm"
    return not (_is_node_pool(facts) or is_confidential or facts.observed.get("ephemeralSystemDisk"))


def _standard(machine: View, ctx: Context, observed: dict[str, Any]) -> Verdict:
    # The document of a managed disk states the generation. Disks of a scale set have no documents, so the generation of
    # its machines stays unknown.
    path = "properties.storageProfile.osDisk.managedDisk.id"
    identifier = "" if _is_scale_set(machine) else machine.text(path, default="")
    disk = ctx.find(DISKS, identifier) if identifier else None
    generation = disk.choice("properties.hyperVGeneration", {"v1", "v2"}, default="") if disk else ""
    is_first = generation == "v1"
    if ctx.params[UNSUPPORTED.name] == "na":
        if identifier and disk is None:
            ctx.require_complete(DISKS)
        if is_first:
            return not_applicable("The settings of the control exempt machines of generation 1", **observed)
    remarks = (
        ["The machine is of generation 1. Switching trusted launch on upgrades it to generation 2"]
        if is_first
        else []
    )
    return failed("Trusted launch is off", remarks=remarks, **observed)


def _ssh_keys(machine: View, ctx: Context) -> Verdict:
    settings = _settings(machine)
    if _is_windows(machine, settings):
        return not_applicable("The operating system is Windows")
    if (verdict := _by_assignment(machine, ctx)) is not None:
        return verdict
    profile = settings.object("osProfile")
    linux = profile.object("linuxConfiguration")
    setting = linux.raw("disablePasswordAuthentication")
    remarks = ["Azure shows the choice made when the resource was created, not the present settings of SSH"]
    if linux.flag("disablePasswordAuthentication", default=False):
        return passed(
            "Only SSH keys were allowed when the resource was created",
            remarks=remarks,
            disablePasswordAuthentication=setting,
        )
    return failed("Passwords are accepted", remarks=remarks, disablePasswordAuthentication=setting)


def _is_windows(machine: View, settings: View) -> bool:
    """Return whether a machine or scale set runs Windows. Raise Unreadable if a needed property cannot be read."""
    # The disk in the model of a scale set may not state the operating system if the image is from the marketplace. Then
    # `osProfile` decides.
    absent: Any = {} if _is_scale_set(machine) else REQUIRED
    disk = settings.object("storageProfile", default=absent).object("osDisk", default=absent)
    if _is_scale_set(machine) and not disk.has("osType"):
        profile = settings.object("osProfile")
        return profile.has("windowsConfiguration") and not profile.has("linuxConfiguration")
    return disk.choice("osType", {"linux", "windows"}) == "windows"


def _by_assignment(machine: View, ctx: Context) -> Verdict | None:
    """Judge by the machine configuration assignment that checks SSH. Return None if the machine has no such assignment,
    or if its last check is pending or too old.
    """
    ctx.require_complete(GUEST_CONFIGURATION)
    for assignment in ctx.bind(
        ctx.memo("SSH assignments", lambda: _assignments(ctx)).get(fold(machine.id), [])
    ):
        status = assignment.choice("properties.complianceStatus", {"compliant", "noncompliant", "pending"})
        # If Azure never checked the machine, the time of the last check is in the year 1.
        checked = assignment.time("properties.lastComplianceStatusChecked")
        if status == "pending" or ctx.now - checked > _MAX_AGE:
            continue
        observed = {
            "assignment": assignment.name,
            "complianceStatus": assignment.raw("properties.complianceStatus"),
        }
        if status == "compliant":
            return passed("Machine configuration reports that SSH refuses passwords", **observed)
        return failed("Machine configuration reports that SSH accepts passwords", **observed)
    return None


def _assignments(ctx: Context) -> dict[str, list[View]]:
    found: dict[str, list[View]] = {}
    for document in ctx.estate.documents(GUEST_CONFIGURATION.name):
        if document.name.casefold() == _SSH_ASSIGNMENT:
            if not document.id:
                # The id names the machine, so an assignment without an id may belong to any machine.
                raise document.unreadable("id", "absent")
            found.setdefault(machine_of(document), []).append(document)
    return found


CONTROLS = declare_settings(
    __name__,
    VIRTUAL_MACHINES,
    SettingControl(
        "vm-managed-disks",
        title="Virtual machines use managed disks",
        problem="Virtual machine with unmanaged disks",
        expected="The system disk and all data disks are managed disks",
        judged="`managedDisk` and `vhd` of the system disk and of each data disk. A disk with `vhd` and without"
        " `managedDisk` is a blob in a storage account, and fails. In the model of uniform scale sets, `vhdContainers`"
        " or `image` without `managedDisk` fails. Blobs that no machine uses are not visible to Surety.",
        why="Unmanaged disks are blobs: anyone who can read the storage account can copy the disks. Microsoft has"
        " retired unmanaged disks.",
        severity=Severity.HIGH,
        judge=_managed_disks,
        where=_is_judged,
        also=(VM_SCALE_SETS,),
        subject_type=_MACHINE_TYPE,
        empty_reason=_NONE,
        references=References(
            c2="7.2 7.7",
            c3="8.2 8.9",
            nist="SC-28*",
            partly=(
                Partly(
                    "c2:7.7 c3:8.9",
                    "The control checks the disks of machines only, not blobs that no machine uses",
                ),
            ),
        ),
        fix=Fix(
            command(
                f"az vm deallocate {_OF_MACHINE}\naz vm convert {_OF_MACHINE}\naz vm start {_OF_MACHINE}",
                kinds=_MACHINES,
            ),
            advice(
                "If the machine works, delete the blobs of the old disks, which are still billed.",
                kinds=_MACHINES,
            ),
            advice(
                "Create the scale set again with managed disks, and move its workload.", kinds=_SCALE_SETS
            ),
            portal=f"{_PORTAL} Disks › Migrate to managed disks",
            portal_source=f"{_LEARN}/windows/convert-unmanaged-to-managed-disks",
            portals={
                _SCALE_SETS[0]: PortalPath(
                    "Azure portal › Virtual Machine Scale Sets › Create",
                    "https://learn.microsoft.com/azure/virtual-machine-scale-sets"
                    "/flexible-virtual-machine-scale-sets-portal",
                )
            },
            effects="The machine is off during the migration. Data on its temporary disk is lost. A machine in an"
            " availability set needs a managed availability set first. The migration cannot be undone.",
        ),
    ),
    SettingControl(
        "vm-trusted-launch",
        title="Virtual machines start with trusted launch",
        problem="Virtual machine without trusted launch",
        expected="The machine uses trusted launch with secure boot and a virtual TPM, or is a confidential machine with"
        " a virtual TPM",
        judged="`securityProfile` of each virtual machine, and of the model of each uniform scale set. Passes if"
        " `securityType` is `TrustedLaunch` with secure boot and vTPM, or `ConfidentialVM` with vTPM. Without these"
        " properties, trusted launch is off. `unsupported` says how machines of generation 1 are judged; the generation"
        " of scale sets is not known.",
        why="Without secure boot, malicious software can start before the operating system, where no protection sees"
        " it.",
        severity=Severity.MEDIUM,
        labels={"secureBootEnabled": "Secure boot", "vTpmEnabled": "vTPM"},
        judge=_secure_start,
        where=_is_judged,
        also=(VM_SCALE_SETS,),
        subject_type=_MACHINE_TYPE,
        empty_reason=_NONE,
        needs=(DISKS,),
        optional=(MANAGED_RESOURCE_GROUPS,),
        parameters=(UNSUPPORTED,),
        references=References(c3="8.11", mcsb="PV-4", nist="SI-7*"),
        fix=Fix(
            advice(
                "Back the machine up first. Its backup needs a policy of the type Enhanced.",
                kinds=_MACHINES,
                when=_can_switch,
            ),
            # https://learn.microsoft.com/azure/virtual-machines/trusted-launch-existing-vm-gen-1
            advice(
                "If the machine is of generation 1, the next commands upgrade it to generation 2. Only restoring a"
                " backup undoes the upgrade. First prepare the system disk inside the machine: on Windows, turn"
                " BitLocker off, and convert the disk with MBR2GPT; on Linux, check that the disk has the layout GPT"
                " and an EFI partition. Windows Server 2016, Debian and Azure Linux cannot be upgraded.",
                kinds=_MACHINES,
                when=_can_switch,
            ),
            command(
                f"{_TRUST_SCALE_SET}\naz vmss update-instances --instance-ids '*' {OF_SCALE_SET}",
                "First choose an image of generation 2 that supports trusted launch.",
                kinds=_SCALE_SETS,
                when=lambda facts: (
                    not _is_node_pool(facts) and facts.text("securityType").casefold() != "confidentialvm"
                ),
            ),
            # https://learn.microsoft.com/azure/aks/use-trusted-launch
            advice(
                "The scale set is a node pool of Azure Kubernetes Service, which undoes changes of its scale sets. Add"
                " a node pool with secure boot and a vTPM to the cluster, and move the workloads to it.",
                kinds=_SCALE_SETS,
                when=_is_node_pool,
            ),
            command(
                f"az vm deallocate {_OF_MACHINE}\n"
                "az vm update --resource-group {group} --name {machine} --security-type TrustedLaunch"
                " --enable-secure-boot true --enable-vtpm true --subscription {subscription}\n"
                f"az vm start {_OF_MACHINE}",
                kinds=_MACHINES,
                when=_can_switch,
            ),
            # https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks
            advice(
                "A machine with an ephemeral system disk cannot be stopped and started again: create it again with"
                " trusted launch.",
                kinds=_MACHINES,
                when=lambda facts: (
                    not _is_node_pool(facts)
                    and bool(facts.observed.get("ephemeralSystemDisk"))
                    and facts.text("securityType").casefold() != "confidentialvm"
                ),
            ),
            advice(
                "The machine is a node of Azure Kubernetes Service, which undoes changes of its machines. Add a node"
                " pool with secure boot and a vTPM to the cluster, and move the workloads to it.",
                kinds=_MACHINES,
                when=_is_node_pool,
            ),
            advice(
                "Create the confidential machine again with a vTPM.",
                when=lambda facts: (
                    not _is_node_pool(facts) and facts.text("securityType").casefold() == "confidentialvm"
                ),
            ),
            portal=f"{_PORTAL} Configuration › Security type › Trusted launch",
            portal_source=f"{_LEARN}/trusted-launch-existing-vm",
            portals={
                _SCALE_SETS[0]: PortalPath(
                    f"{SCALE_SETS_PORTAL} Settings › Configuration › Security type › Trusted launch",
                    f"{_LEARN}/trusted-launch-existing-vmss",
                )
            },
            variables=[SCALE_SET],
            effects="The machine is off while the type changes. Data on its temporary disk is lost. Drivers and kernels"
            " without a valid signature no longer start. Some sizes, operating systems and features do not"
            " support trusted launch.",
        ),
    ),
    SettingControl(
        "vm-linux-ssh-key",
        title="Linux machines accept SSH keys, not passwords",
        problem="Linux machine that accepts passwords",
        expected="Passwords are refused",
        judged="Each virtual machine with Linux, and the model of each uniform scale set with Linux. If machine"
        " configuration checked SSH in the last 7 days (assignment `LinuxNoPasswordForSSH`), its result decides."
        " Otherwise, `osProfile.linuxConfiguration.disablePasswordAuthentication` decides, and absent means that"
        " passwords are accepted. Machines without these settings, such as those made from a disk, are unknown.",
        why="Attackers try to guess passwords of machines day and night. They cannot guess keys.",
        severity=Severity.HIGH,
        labels={"disablePasswordAuthentication": "Created without passwords"},
        judge=_ssh_keys,
        where=_is_judged,
        also=(VM_SCALE_SETS,),
        subject_type=_MACHINE_TYPE,
        empty_reason=_NONE,
        needs=(GUEST_CONFIGURATION,),
        references=References(mcsb="IM-6", nist="AC-3 IA-5"),
        fix=Fix(
            # For a machine that was created with a password, cloud-init writes `PasswordAuthentication yes` into
            # 50-cloud-init.conf: https://github.com/canonical/cloud-init (cloudinit/sources/DataSourceAzure.py,
            # cloudinit/ssh_util.py). sshd_config(5): for each keyword, the first value counts.
            advice(
                "First make sure that everybody can sign in with a key. Then, in the machine, set"
                " PasswordAuthentication to “no” in /etc/ssh/sshd_config, and in each file in /etc/ssh/sshd_config.d"
                " that contains this setting, such as 50-cloud-init.conf. The first value that SSH reads counts, and"
                " most distributions read the folder first. Restart SSH, and check the value with sudo sshd -T."
            ),
            advice(
                "Azure keeps showing whether passwords were allowed when the machine was created. To prove the change,"
                " assign the policy below, or create the machine again with a key only."
            ),
            portal="Azure portal › Policy › Assignments › Assign policy › “Authentication to Linux machines should"
            " require SSH keys”",
            portal_source="https://learn.microsoft.com/azure/governance/policy/assign-policy-portal",
            effects="Nobody can sign in with a password any longer. The policy needs the machine"
            " configuration extension in the machine.",
        ),
    ),
)
