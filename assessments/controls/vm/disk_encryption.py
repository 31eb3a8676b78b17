"""vm-disk-encryption."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, References, judgements, unknown_from
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.vm import DISKS, VIRTUAL_MACHINES
from assessments.estate.view import Unreadable, View

_CUSTOMER_KEYS = {"encryptionatrestwithcustomerkey", "encryptionatrestwithplatformandcustomerkeys"}


@judgements(
    needs=(VIRTUAL_MACHINES, DISKS),
    problem="Virtual machine disks not encrypted as required",
    severity=Severity.HIGH,
    expected="managed disks, and at L2 encryption at host, inside the machine, or of a confidential one",
    subject_type="Microsoft.Compute/virtualMachines",
    empty_reason="no virtual machine",
    references=References(
        c2="7.2 7.3 7.4", c3="8.2 8.3 8.4", mcsb="DP-4 DP-5", nist="SC-28 SC-28(1)"
    ),
    parameters=(
        Parameter(
            "level", "L2", "L1: managed disks; L2: caches and temporary disks too; strict: unattached too",
            choices=("L1", "L2", "strict"),
        ),
    ),
)  # fmt: skip
def disk_encryption(ctx: Context) -> Iterator[Judgement]:
    """Disks encrypted against storage compromise.

    Judged: each machine. An unmanaged disk (a blob of its own) fails. At L1 managed disks are enough,
    since Azure always encrypts them. At L2 it takes `encryptionAtHost`, Azure Disk Encryption on the
    system disk and every data disk (a remark: it retires on 15 September 2028), or a confidential
    machine whose disk is encrypted with its guest state. Keys of one's own on every other disk pass
    with a remark: they leave the temporary disk and caches out. At strict, unattached disks must have
    keys of one's own.
    Why: who gets at the storage, or at a copied disk, reads everything on it otherwise.
    Fix: az vm deallocate -g RG -n VM; az vm update -g RG -n VM --set securityProfile.encryptionAtHost=true;
    az vm start -g RG -n VM
    """
    machines, gaps = ctx.partial(VIRTUAL_MACHINES)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for machine in machines:
        yield _judgement(machine, ctx, _machine)
    if ctx.params["level"] != "strict":
        return
    disks, gaps = ctx.partial(DISKS)
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    for disk in disks:
        state = disk.raw("properties.diskState")
        attached = isinstance(state, str) and state.casefold() != "unattached"
        if not attached:
            yield _judgement(disk, ctx, _unattached)


def _judgement(document: View, ctx: Context, rule: object) -> Judgement:
    trace = ctx.fresh_trace()
    try:
        verdict: Verdict = rule(document.bound(trace), ctx)  # type: ignore[operator]
    except (CollectionUnavailable, Unreadable) as error:
        verdict = unknown_from(error)
    return Judgement(document.id, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _machine(machine: View, ctx: Context) -> Verdict:
    os_disk = machine.object("properties.storageProfile.osDisk")
    if os_disk.has("vhd"):
        return failed("the system disk is unmanaged", unmanaged=[str(os_disk.raw("name"))])
    data_disks = machine.items("properties.storageProfile.dataDisks")
    unmanaged = [str(disk.raw("name")) for disk in data_disks if disk.has("vhd")]
    if unmanaged:
        return failed(f"unmanaged disks: {', '.join(sorted(unmanaged))}", unmanaged=sorted(unmanaged))
    managed = [disk.object("managedDisk") for disk in (os_disk, *data_disks)]
    if ctx.params["level"] == "L1":
        return passed("all disks are managed, so Azure encrypts them", disks=len(managed))
    security = machine.object("properties.securityProfile", default={})
    if security.flag("encryptionAtHost", default=False):
        return passed("encrypted at the host", encryptionAtHost=True)
    confidential = managed[0].object("securityProfile", default={}).text("securityEncryptionType", default="")
    if confidential.casefold() == "diskwithvmgueststate":
        return passed("a confidential machine, its disk encrypted with its guest state", confidential=True)
    plain, own_keys, unread = _inside(os_disk, managed, ctx)
    if plain:
        return failed(
            "neither encryption at host, nor encryption inside the machine, nor keys of one's own are on",
            encryptionAtHost=False, withoutEncryption=sorted(plain), ownKeys=sorted(own_keys),
        )  # fmt: skip
    if unread is not None:
        raise unread
    remarks = []
    if len(own_keys) < len(managed):
        remarks.append("Azure Disk Encryption retires on 15 September 2028; move to encryption at host")
    if own_keys:
        remarks.append("keys of one's own alone leave the temporary disk and caches out")
    how = "with keys of one's own" if own_keys else "by Azure Disk Encryption"
    return passed(
        f"every disk is encrypted {how}", remarks=remarks, encryptionAtHost=False, ownKeys=sorted(own_keys)
    )


def _inside(
    os_disk: View, managed: list[View], ctx: Context
) -> tuple[list[str], list[str], CollectionUnavailable | Unreadable | None]:
    """(disks with neither Azure Disk Encryption nor keys of one's own, those with own keys alone, the
    first that could not be read)."""
    plain: list[str] = []
    own_keys: list[str] = []
    unread: CollectionUnavailable | Unreadable | None = None
    for position, reference in enumerate(managed):
        stated = os_disk.object("encryptionSettings", default={}) if position == 0 else None
        if stated is not None and stated.flag("enabled", default=False):
            continue
        try:
            disk = _disk(reference, ctx)
            if disk.object("properties.encryptionSettingsCollection", default={}).flag(
                "enabled", default=False
            ):
                continue
            kind = disk.object("properties.encryption").text("type").casefold()
            (own_keys if kind in _CUSTOMER_KEYS else plain).append(disk.name)
        except (CollectionUnavailable, Unreadable) as error:
            unread = unread or error
    return plain, own_keys, unread


def _disk(reference: View, ctx: Context) -> View:
    identifier = reference.text("id")
    disk = ctx.find(DISKS, identifier)
    if disk is None:
        ctx.require_complete(DISKS)
        raise reference.unreadable("id", "not among the disks that were read")
    return disk


def _unattached(disk: View, ctx: Context) -> Verdict:
    disk.text("properties.diskState")
    kind = disk.text("properties.encryption.type")
    if kind.casefold() in _CUSTOMER_KEYS:
        return passed("the unattached disk is encrypted with keys of one's own", encryption=kind)
    return failed("the unattached disk is encrypted with Microsoft's keys only", encryption=kind)
