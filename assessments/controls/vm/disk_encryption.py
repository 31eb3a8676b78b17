"""The control vm-disk-encryption: Disks are encrypted against storage compromise."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, SubjectRule, each_subject, judgements, unknown_from
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.aks_nodes import unless_node
from assessments.controls.shared.encryption_at_host import register_encryption_at_host
from assessments.controls.shared.security_profile import set_security_profile
from assessments.controls.shared.vm_status import is_ephemeral
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.controls.vmss.scale_sets import OF_SCALE_SET, SCALE_SET
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import DISKS, VIRTUAL_MACHINES, VM_SCALE_SETS
from assessments.estate.machines.scale_sets import UNIFORM, has_disk_encryption, has_unmanaged_disks, mode
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import Variable

_CUSTOMER_KEYS = {"encryptionatrestwithcustomerkey", "encryptionatrestwithplatformandcustomerkeys"}
# The values of `EncryptionType` in the specification of Microsoft.Compute
_ENCRYPTIONS = _CUSTOMER_KEYS | {"encryptionatrestwithplatformkey"}
# Values of `DiskState` in the specification for a disk that is attached to a machine, or is being uploaded or
# downloaded.
_ATTACHED = frozenset(
    {"attached", "reserved", "frozen", "activesas", "activesasfrozen", "readytoupload", "activeupload"}
)
# The values of `SecurityEncryptionTypes` in the specification of Microsoft.Compute
_CONFIDENTIAL = {"vmgueststateonly", "diskwithvmgueststate", "nonpersistedtpm"}

_UNENCRYPTED = "No encryption at host, no encryption inside the machine and no customer-managed keys"
_SYSTEM_DISK_ONLY = (
    "Confidential encryption covers the system disk only; the data disks have no encryption at host, no encryption"
    " inside the machine and no customer-managed keys"
)
_MACHINES = ("microsoft.compute/virtualmachines",)
_SCALE_SETS = ("microsoft.compute/virtualmachinescalesets",)
_OF_MACHINE = "--resource-group {group} --name {machine} --subscription {subscription}"
_NODE = not_applicable(
    "The machine is a node of Azure Kubernetes Service: see the control aks-host-encryption"
)
_NODE_POOL = not_applicable(
    "The scale set is a node pool of Azure Kubernetes Service: see the control aks-host-encryption"
)


FIX = Fix(
    *register_encryption_at_host((*_MACHINES, *_SCALE_SETS)),
    advice(
        "Create the scale set again with managed disks and encryption at host, and move its workload.",
        kinds=_SCALE_SETS,
        when=lambda facts: bool(facts.texts("unmanaged")),
    ),
    # https://learn.microsoft.com/azure/virtual-machines/linux/disks-enable-host-based-encryption-cli
    command(
        set_security_profile(
            "vmss", OF_SCALE_SET, "virtualMachineProfile.securityProfile", {"encryptionAtHost": True}
        ),
        "In the model of the scale set, switch on encryption at host. Machines that it creates later are encrypted.",
        kinds=_SCALE_SETS,
        when=lambda facts: not facts.texts("unmanaged"),
    ),
    advice(
        "Then replace the present machines of the scale set, or deallocate them, upgrade them to the latest model and"
        " start them.",
        kinds=_SCALE_SETS,
        when=lambda facts: not facts.texts("unmanaged"),
    ),
    command(
        f"az vm deallocate {_OF_MACHINE}\naz vm convert {_OF_MACHINE}",
        "If disks are unmanaged, stop the machine and convert them to managed disks.",
        kinds=_MACHINES,
        when=lambda facts: bool(facts.texts("unmanaged")),
    ),
    command(
        f"az vm deallocate {_OF_MACHINE}\n"
        f"{set_security_profile('vm', _OF_MACHINE, 'securityProfile', {'encryptionAtHost': True})}\n"
        f"az vm start {_OF_MACHINE}",
        "Switch encryption at host on.",
        kinds=_MACHINES,
        when=lambda facts: not facts.observed.get("ephemeralSystemDisk"),
    ),
    advice(
        "A machine with an ephemeral system disk cannot be deallocated, so encryption at host cannot be switched on"
        " later. Create the machine again with encryption at host.",
        kinds=_MACHINES,
        when=lambda facts: bool(facts.observed.get("ephemeralSystemDisk")),
    ),
    command(
        "az disk update --resource-group {group} --name {disk} --encryption-type EncryptionAtRestWithCustomerKey"
        " --disk-encryption-set {encryption_set} --subscription {subscription}",
        "If a disk is attached to no machine, encrypt the disk with your own key, or delete it.",
        kinds=("microsoft.compute/disks",),
    ),
    portal="Azure portal › Virtual machines › {machine} › Disks › Additional settings › Encryption at host",
    portal_source="https://learn.microsoft.com/azure/virtual-machines/disks-enable-host-based-encryption-portal",
    portals={
        _SCALE_SETS[0]: PortalPath(
            "Azure portal › Virtual machine scale sets › {scale_set}",
            "https://learn.microsoft.com/azure/virtual-machines/linux/disks-enable-host-based-encryption-cli",
        )
    },
    cost="With your own keys, the Key Vault and its operations are billed. Encryption at host itself is not billed.",
    effects="The machine stops and starts. Data on its temporary disk is lost. Not every size supports encryption at"
    " host. A machine that uses or has used Azure Disk Encryption cannot switch: its data must move to a new machine"
    " with new disks.",
    variables=[
        SCALE_SET,
        Variable(
            "encryption_set",
            "Full id of the disk encryption set that holds your key",
            "/subscriptions/…/resourceGroups/rg-keys/providers/Microsoft.Compute/diskEncryptionSets/des-main",
        ),
    ],
)


@judgements(
    needs=(VIRTUAL_MACHINES, VM_SCALE_SETS, DISKS, MANAGED_RESOURCE_GROUPS),
    fix=FIX,
    severity=Severity.HIGH,
    labels={
        "confidential": "Confidential machine",
        "ownKeys": "Disks with customer-managed keys",
        "withoutEncryption": "Disks without encryption",
    },
    subject_type="Microsoft.Compute/virtualMachines",
    empty_reason="No virtual machines or uniform scale sets",
    references=References(
        c2="7.2 7.3 7.4",
        c3="8.2 8.3 8.4",
        mcsb="DP-4 DP-5",
        nist="SC-28 SC-28(1)",
        partly=(
            Partly(
                "c2:7.3 c3:8.3",
                "The requirement asks for customer-managed keys; the control also accepts Microsoft-managed keys",
            ),
            Partly(
                "c2:7.4 c3:8.4",
                "The control checks unattached disks only if the required level is strict",
                unless=(Setting("level", equal="strict"),),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "level",
            "L2",
            "L1 requires managed disks; L2 also requires encryption of caches and temporary disks; strict also judges"
            " unattached disks",
            label="Encryption level",
            choices=("L1", "L2", "strict"),
        ),
    ),
)
def disk_encryption(ctx: Context) -> Iterator[Judgement]:
    """Disks are encrypted against storage compromise.

    Problem: Virtual machine disks not encrypted as required
    Expected: The disks are managed; if the required level is L2 or strict, the machine also has encryption at host,
    encryption inside the machine or customer-managed keys, or is a confidential machine (required level: {level})
    Judged: Each virtual machine. An unmanaged disk (a blob in a storage account) fails. At `level` L1, managed disks
    pass, because Azure always encrypts them.

    At L2, a machine passes if `encryptionAtHost` is on. It also passes if each disk has Azure Disk Encryption or
    customer-managed keys. A remark says that Azure Disk Encryption retires on 15 September 2028, or that
    customer-managed keys do not cover the temporary disk and caches. In a confidential machine, the system disk needs
    neither Azure Disk Encryption nor customer-managed keys if it is encrypted together with the guest state.

    Azure Disk Encryption does not count for an ephemeral system disk. Level strict requires the same as L2, and
    customer-managed keys for unattached disks. The model of each uniform scale set is judged in the same way as a
    machine, but is unknown if it has Azure Disk Encryption without encryption at host. Nodes and node pools of Azure
    Kubernetes Service that do not pass are not applicable: see the control aks-host-encryption.
    Why: Without encryption at host or inside the machine, temporary disks and caches are stored unencrypted.
    """
    machines, gaps = ctx.partial(VIRTUAL_MACHINES)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for machine in machines:
        yield _judge(machine, ctx, _judge_machine)
    yield from each_subject(_judge_scale_set, VM_SCALE_SETS, ctx, lambda found, _: mode(found) == UNIFORM)
    if ctx.params["level"] != "strict":
        return
    disks, gaps = ctx.partial(DISKS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for disk in disks:
        state = disk.raw("properties.diskState")
        attached = isinstance(state, str) and state.casefold() in _ATTACHED
        if not attached:
            yield _judge(disk, ctx, _judge_unattached)


def _judge(document: View, ctx: Context, rule: SubjectRule) -> Judgement:
    trace = ctx.fresh_trace()
    try:
        verdict = rule(document.bound(trace), ctx)
    except (CollectionUnavailable, Unreadable) as error:
        verdict = unknown_from(error)
    return Judgement(document.id, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _judge_machine(machine: View, ctx: Context) -> Verdict:
    return unless_node(_judge_disks(machine, ctx), machine, ctx, _NODE)


def _judge_disks(machine: View, ctx: Context) -> Verdict:
    os_disk = machine.object("properties.storageProfile.osDisk")
    if _is_unmanaged(os_disk):
        return failed("The system disk is unmanaged", unmanaged=[str(os_disk.raw("name"))])
    data_disks = machine.items("properties.storageProfile.dataDisks")
    unmanaged = [str(disk.raw("name")) for disk in data_disks if _is_unmanaged(disk)]
    if unmanaged:
        return failed(f"Unmanaged disks: {', '.join(sorted(unmanaged))}", unmanaged=sorted(unmanaged))
    managed = [disk.object("managedDisk") for disk in (os_disk, *data_disks)]
    if ctx.params["level"] == "L1":
        return passed("All disks are managed, so Azure encrypts them", disks=len(managed))
    security = machine.object("properties.securityProfile", default={})
    if security.flag("encryptionAtHost", default=False):
        return passed("Encryption at host is on", encryptionAtHost=True)
    profile = managed[0].object("securityProfile", default={})
    confidential = profile.choice("securityEncryptionType", _CONFIDENTIAL, default="")
    # Confidential encryption covers only the system disk. All other disks need an encryption of their own.
    # https://learn.microsoft.com/azure/virtual-machines/disk-encryption-overview#comparison
    is_confidential = confidential == "diskwithvmgueststate"
    unencrypted, customer_keys, first_error = _disks_by_encryption(os_disk, managed, ctx, is_confidential)
    if unencrypted:
        text = _UNENCRYPTED
        if is_confidential:
            text = _SYSTEM_DISK_ONLY
        observed: dict[str, object] = {"ephemeralSystemDisk": True} if is_ephemeral(os_disk) else {}
        observed |= {"encryptionAtHost": False, "withoutEncryption": sorted(unencrypted)}
        return failed(text, remarks=(), **observed, ownKeys=sorted(customer_keys))
    if first_error is not None:
        raise first_error
    inside = len(managed) - len(customer_keys) - is_confidential
    remarks = []
    if inside:
        remarks.append("Azure Disk Encryption retires on 15 September 2028; move to encryption at host")
    if customer_keys:
        remarks.append("Customer-managed keys do not cover the temporary disk and caches")
    how = "with customer-managed keys" if customer_keys else "by Azure Disk Encryption"
    if is_confidential:
        remarks.append("The temporary disk is encrypted only if confidential encryption includes it")
        others = f"; the data disks are encrypted {how}" if data_disks else ""
        return passed(
            f"The system disk of this confidential machine is encrypted together with the guest state{others}",
            remarks=remarks,
            confidential=True,
            ownKeys=sorted(customer_keys),
        )
    return passed(
        f"Every disk is encrypted {how}",
        remarks=remarks,
        encryptionAtHost=False,
        ownKeys=sorted(customer_keys),
    )


def _judge_scale_set(scale_set: View, ctx: Context) -> Verdict:
    return unless_node(_judge_model(scale_set, ctx), scale_set, ctx, _NODE_POOL)


def _judge_model(scale_set: View, ctx: Context) -> Verdict:
    """Judge the model of a uniform scale set, from which Azure creates its machines."""
    if has_unmanaged_disks(scale_set):
        return failed("The scale set has unmanaged disks", unmanaged=["osDisk"])
    if ctx.params["level"] == "L1":
        return passed("All disks are managed, so Azure encrypts them")
    model = scale_set.object("properties.virtualMachineProfile")
    if model.object("securityProfile", default={}).flag("encryptionAtHost", default=False):
        return passed("Encryption at host is on", encryptionAtHost=True)
    if has_disk_encryption(scale_set):
        raise Undecided(
            scale_set.id,
            "properties.virtualMachineProfile.extensionProfile",
            "Check which disks of the scale set are encrypted with Azure Disk Encryption: Surety does not read this",
        )
    storage = model.object("storageProfile")
    system = storage.object("osDisk.managedDisk")
    data = [disk.object("managedDisk", default={}) for disk in storage.items("dataDisks", default=[])]
    kind = system.object("securityProfile", default={}).choice(
        "securityEncryptionType", _CONFIDENTIAL, default=""
    )
    is_confidential = kind == "diskwithvmgueststate"
    judged = data if is_confidential else [system, *data]
    if not all(disk.object("diskEncryptionSet", default={}).text("id", default="") for disk in judged):
        return failed(_SYSTEM_DISK_ONLY if is_confidential else _UNENCRYPTED, encryptionAtHost=False)
    if is_confidential:
        return passed(
            "The system disks of this scale set are encrypted together with the guest state",
            remarks=["The temporary disk is encrypted only if confidential encryption includes it"],
            confidential=True,
        )
    return passed(
        "Every disk of the scale set is encrypted with customer-managed keys",
        remarks=["Customer-managed keys do not cover the temporary disk and caches"],
        encryptionAtHost=False,
    )


def _is_unmanaged(disk: View) -> bool:
    """Return whether a disk is unmanaged, which means that it is a blob in a storage account. A disk with both
    `managedDisk` and `vhd` is managed: `vhd` names the blob from which the disk was created.
    """
    return disk.has("vhd") and not disk.has("managedDisk")


def _disks_by_encryption(
    os_disk: View, managed: list[View], ctx: Context, is_confidential: bool
) -> tuple[list[str], list[str], CollectionUnavailable | Unreadable | None]:
    """Return three values: the disks with neither Azure Disk Encryption nor customer-managed keys; the disks without
    Azure Disk Encryption, but with customer-managed keys; and the first read error, or None.

    If `is_confidential` is True, the system disk, which is the first disk, is left out: confidential encryption covers
    the system disk.
    """
    unencrypted: list[str] = []
    customer_keys: list[str] = []
    first_error: CollectionUnavailable | Unreadable | None = None
    for position, reference in enumerate(managed):
        if position == 0 and is_confidential:
            continue
        if position == 0 and is_ephemeral(os_disk):
            # Azure does not list an ephemeral disk as a resource. So read from the machine whether the disk has
            # customer-managed keys.
            # https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks
            has_keys = bool(reference.object("diskEncryptionSet", default={}).text("id", default=""))
            (customer_keys if has_keys else unencrypted).append(str(os_disk.raw("name")))
            continue
        settings = os_disk.object("encryptionSettings", default={}) if position == 0 else None
        if settings is not None and settings.flag("enabled", default=False):
            continue
        try:
            disk = _disk(reference, ctx)
            if disk.object("properties.encryptionSettingsCollection", default={}).flag(
                "enabled", default=False
            ):
                continue
            kind = disk.object("properties.encryption").choice("type", _ENCRYPTIONS)
            (customer_keys if kind in _CUSTOMER_KEYS else unencrypted).append(disk.name)
        except (CollectionUnavailable, Unreadable) as error:
            first_error = first_error or error
    return unencrypted, customer_keys, first_error


def _disk(reference: View, ctx: Context) -> View:
    identifier = reference.text("id")
    disk = ctx.find(DISKS, identifier)
    if disk is None:
        ctx.require_complete(DISKS)
        raise reference.unlisted("id", "disk", identifier)
    return disk


def _judge_unattached(disk: View, ctx: Context) -> Verdict:
    disk.choice("properties.diskState", {"unattached"})
    kind = disk.text("properties.encryption.type")
    if disk.choice("properties.encryption.type", _ENCRYPTIONS) in _CUSTOMER_KEYS:
        return passed("The unattached disk is encrypted with customer-managed keys", encryption=kind)
    return failed("The unattached disk is encrypted with Microsoft-managed keys only", encryption=kind)
