"""Controls of managed disks and snapshots: their keys, the networks that can export them, and sign-in for the export.

Properties: compute/resource-manager/Microsoft.Compute/stable/2021-12-01/disk.json (DiskProperties, SnapshotProperties)
and azure-mgmt-compute 39.0.0.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.managed import (
    MANAGED_CAN_BE_LEFT_OUT,
    MANAGED_GROUPS,
    judges_managed,
    unless_managed,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import DISKS, SNAPSHOTS, VIRTUAL_MACHINES
from assessments.estate.ids import fold
from assessments.estate.view import View
from assessments.fixes.declare import Fix, PortalPath, advice, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable, segment

ACCEPT_ADE: Final = Parameter(
    "accept_ade",
    False,
    "Accept Azure Disk Encryption in place of customer-managed keys of the disk",
    label="Accept Azure Disk Encryption",
)

_WITH_ADE: Final = Partly(
    "c2 c3",
    "Azure Disk Encryption is accepted in place of customer-managed keys",
    unless=(Setting("accept_ade", equal=False),),
)

# The values of `EncryptionType`, `DiskSecurityTypes` and `DiskState` in the specification.
_CUSTOMER_KEYS: Final = frozenset(
    {"encryptionatrestwithcustomerkey", "encryptionatrestwithplatformandcustomerkeys"}
)
_ENCRYPTIONS: Final = _CUSTOMER_KEYS | {"encryptionatrestwithplatformkey"}
_CONFIDENTIAL_CUSTOMER_KEY: Final = "confidentialvm_diskencryptedwithcustomerkey"
_SECURITY_TYPES: Final = frozenset(
    {
        "",
        "standard",
        "trustedlaunch",
        "confidentialvm_vmgueststateonlyencryptedwithplatformkey",
        "confidentialvm_diskencryptedwithplatformkey",
        _CONFIDENTIAL_CUSTOMER_KEY,
        "confidentialvm_nonpersistedtpm",
    }
)
_ATTACHED: Final = frozenset({"attached", "reserved"})
_UNATTACHED: Final = frozenset({"unattached", "readytoupload", "activeupload"})
# States that do not show whether a disk is attached: its content is being exported, or its machine hibernates. The
# empty text means that `diskState` is absent.
_EITHER: Final = frozenset({"", "frozen", "activesas", "activesasfrozen"})
_EXPORTED: Final = frozenset({"activesas", "activesasfrozen"})
_STATES: Final = _ATTACHED | _UNATTACHED | _EITHER
_POLICIES: Final = frozenset({"allowall", "allowprivate", "denyall"})

_DISK: Final = ("microsoft.compute/disks",)
_SNAPSHOT: Final = ("microsoft.compute/snapshots",)
_TYPE: Final = "Microsoft.Compute/disks"
_NONE: Final = "No managed disks or snapshots"
_LEARN: Final = "https://learn.microsoft.com/azure/virtual-machines"
_KEYS_PORTAL: Final = "Azure portal › Disks › {disk} › Encryption › Key management › Customer-managed key"
_KEYS_SOURCE: Final = f"{_LEARN}/disks-enable-customer-managed-keys-portal"
_NETWORK_SOURCE: Final = f"{_LEARN}/disks-enable-private-links-for-import-export-portal"
_EXPORT_SOURCE: Final = f"{_LEARN}/disks-secure-upload-download"
_OPEN_LINK: Final = "A link for exporting the data is valid now"
SNAPSHOT: Final = Variable(
    "snapshot", "Name of the snapshot", "snap-data-1", "the snapshot", segment("snapshots")
)
ENCRYPTION_SET: Final = Variable(
    "encryption_set",
    "Full id of the disk encryption set that holds your key",
    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-keys/providers/Microsoft.Compute/diskEncryptionSets/des-main",
)
_KEYS_COST: Final = "The key vault and its operations are billed."


def is_attached(disk: View, ctx: Context) -> bool:
    """Return whether a machine uses the disk. Raise Unreadable or CollectionUnavailable if that is not certain."""
    if disk.text("managedBy", default="") or disk.texts("managedByExtended", default=[]):
        return True
    state = disk.choice("properties.diskState", _STATES, default="")
    if state in _ATTACHED:
        return True
    if state in _UNATTACHED:
        return False
    # In the list of disks, the state and the machine of a disk may be missing, as in Microsoft's examples. So look for
    # a machine that names the disk.
    machine = ctx.memo("machines by disk", lambda: _machines_by_disk(ctx)).get(fold(disk.id))
    if machine is None:
        ctx.require_complete(VIRTUAL_MACHINES)
        return False
    machine.bound(ctx.trace).raw("properties.storageProfile")
    return True


def _machines_by_disk(ctx: Context) -> dict[str, View]:
    """Return the machine that names each disk. The keys are the ids of the disks, in lower case. Raise Unreadable if
    the disks of a machine cannot be read.
    """
    found: dict[str, View] = {}
    for machine in ctx.estate.documents(VIRTUAL_MACHINES.name):
        storage = machine.object("properties").object("storageProfile")
        for disk in (storage.object("osDisk"), *storage.items("dataDisks", default=[])):
            if identifier := disk.object("managedDisk", default={}).text("id", default=""):
                found[fold(identifier)] = machine
    return found


def _is_unattached(disk: View, ctx: Context) -> bool:
    return not is_attached(disk, ctx)


def _keys(disk: View, ctx: Context) -> Verdict:
    properties = disk.object("properties")
    encryption = properties.object("encryption", default={})
    kind = encryption.raw("type")
    security = properties.object("securityProfile", default={})
    ade = properties.object("encryptionSettingsCollection", default={}).flag("enabled", default=False)
    remarks = ["Azure Disk Encryption encrypts the disk inside the machine"] if ade else []
    if encryption.choice("type", _ENCRYPTIONS, default="") in _CUSTOMER_KEYS:
        return passed("The disk is encrypted with customer-managed keys", remarks=remarks, encryption=kind)
    if security.choice("securityType", _SECURITY_TYPES, default="") == _CONFIDENTIAL_CUSTOMER_KEY:
        return passed(
            "Confidential encryption of the disk uses a customer-managed key",
            remarks=remarks,
            encryption=kind,
            securityType=security.raw("securityType"),
        )
    if ade and ctx.params[ACCEPT_ADE.name]:
        return passed("Azure Disk Encryption encrypts the disk inside the machine", encryption=kind)
    return failed("The disk is encrypted with Microsoft-managed keys only", remarks=remarks, encryption=kind)


def _networks(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    policy = properties.choice("networkAccessPolicy", _POLICIES, default="AllowAll")
    public = properties.choice("publicNetworkAccess", {"enabled", "disabled"}, default="Enabled")
    observed = {
        "networkAccessPolicy": properties.raw("networkAccessPolicy"),
        "publicNetworkAccess": properties.raw("publicNetworkAccess"),
    }
    is_exported = properties.choice("diskState", _STATES, default="") in _EXPORTED
    remarks = [_OPEN_LINK] if is_exported else []
    if policy == "denyall":
        return passed("Nobody can export the data", remarks=remarks, **observed)
    if policy == "allowprivate":
        return passed("The data can be exported only through private endpoints", remarks=remarks, **observed)
    if public == "disabled":
        return passed("The data cannot be exported from public networks", remarks=remarks, **observed)
    return failed("The data can be exported from every network", remarks=remarks, **observed)


def _sign_in(resource: View, ctx: Context) -> Verdict:
    properties = resource.object("properties")
    policy = properties.choice("networkAccessPolicy", _POLICIES, default="AllowAll")
    mode = properties.choice("dataAccessAuthMode", {"azureactivedirectory", "none"}, default="None")
    observed = {"dataAccessAuthMode": properties.raw("dataAccessAuthMode")}
    if policy == "denyall":
        return not_applicable("Nobody can export the data", **observed)
    if mode == "azureactivedirectory":
        return passed("Exporting the data needs a sign-in with Microsoft Entra ID", **observed)
    return failed("Anyone with a link for exporting the data can use it without a sign-in", **observed)


CONTROLS = declare_settings(
    __name__,
    DISKS,
    SettingControl(
        "vm-disk-cmk",
        title="Attached disks are encrypted with customer-managed keys",
        problem="Attached disk without customer-managed keys",
        expected="The disk is encrypted with customer-managed keys",
        judged="`encryption.type` of each managed disk that a machine uses, and `securityProfile.securityType` of the"
        " disks of confidential machines. A disk without the property has Microsoft-managed keys, which is the default."
        " Azure Disk Encryption adds a remark; with `accept_ade`, it passes. Temporary disks and caches are not"
        f" checked here. {MANAGED_CAN_BE_LEFT_OUT}",
        why="Only with keys of your own can you end Azure’s access to the disks and see who uses the keys.",
        severity=Severity.LOW,
        unless=(unless_managed,),
        judge=_keys,
        where=is_attached,
        needs=(VIRTUAL_MACHINES, MANAGED_RESOURCE_GROUPS),
        parameters=(ACCEPT_ADE, MANAGED_GROUPS),
        empty_reason="No managed disk is attached",
        references=References(
            c2="7.3",
            c3="8.3",
            mcsb="DP-5*",
            mcsb2="DP-5",
            nist="SC-12",
            partly=(_WITH_ADE, judges_managed("c2 c3")),
        ),
        fix=Fix(
            advice("Stop the machine first, and start it again afterwards."),
            command(
                "az disk update --resource-group {group} --name {disk} --encryption-type"
                " EncryptionAtRestWithCustomerKey --disk-encryption-set {encryption_set} --subscription {subscription}"
            ),
            portal=_KEYS_PORTAL,
            portal_source=_KEYS_SOURCE,
            cost=_KEYS_COST,
            effects="The machine is off while the key changes. Data on its temporary disk is lost. Without the key,"
            " nobody can start the machine.",
            variables=[ENCRYPTION_SET],
        ),
    ),
    SettingControl(
        "vm-disk-unattached-cmk",
        title="Unattached disks are encrypted with customer-managed keys",
        problem="Unattached disk without customer-managed keys",
        expected="The disk is encrypted with customer-managed keys",
        judged="`encryption.type` of each managed disk that no machine uses, and `securityProfile.securityType` of"
        " disks of confidential machines. The disk of a stopped machine (`Reserved`) is attached. A disk without the"
        " property has Microsoft-managed keys, which is the default. Azure Disk Encryption adds a remark; with"
        f" `accept_ade`, it passes. {MANAGED_CAN_BE_LEFT_OUT}",
        why="Nobody notices if a forgotten disk is copied. With your own keys, you can make a copy unreadable.",
        severity=Severity.LOW,
        unless=(unless_managed,),
        judge=_keys,
        where=_is_unattached,
        needs=(VIRTUAL_MACHINES, MANAGED_RESOURCE_GROUPS),
        parameters=(ACCEPT_ADE, MANAGED_GROUPS),
        empty_reason="No unattached managed disk",
        references=References(
            c2="7.4", c3="8.4", mcsb="DP-5*", nist="SC-12", partly=(_WITH_ADE, judges_managed("c2 c3"))
        ),
        fix=Fix(
            advice("If nobody needs the disk, delete it."),
            command(
                "az disk update --resource-group {group} --name {disk} --encryption-type"
                " EncryptionAtRestWithCustomerKey --disk-encryption-set {encryption_set} --subscription {subscription}",
                "Otherwise, encrypt the disk with your own key.",
            ),
            portal=_KEYS_PORTAL,
            portal_source=_KEYS_SOURCE,
            cost=_KEYS_COST,
            effects="Without the key, nobody can read the disk.",
            variables=[ENCRYPTION_SET],
        ),
    ),
    SettingControl(
        "vm-disk-network",
        title="Disks and snapshots cannot be exported from public networks",
        problem="Disk or snapshot that can be exported from every network",
        expected="Exports are denied, or possible only through private endpoints",
        judged="`networkAccessPolicy` and `publicNetworkAccess` of each managed disk and snapshot. Passes if the policy"
        " is `DenyAll` or `AllowPrivate`, or if public network access is off. Without these properties, the data can"
        " be exported from every network, which is the default. A remark says if a link for an export is valid now."
        f" {MANAGED_CAN_BE_LEFT_OUT}",
        why="A link for exporting a disk works for anyone who has the link, from every network.",
        severity=Severity.MEDIUM,
        labels={"networkAccessPolicy": "Networks that can export"},
        unless=(unless_managed,),
        judge=_networks,
        also=(SNAPSHOTS,),
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(MANAGED_GROUPS,),
        subject_type=_TYPE,
        empty_reason=_NONE,
        references=References(
            c3="8.5", mcsb="NS-2*", mcsb2="NS-2", nist="SC-7*", partly=(judges_managed("c3"),)
        ),
        fix=Fix(
            command(
                "az disk update --resource-group {group} --name {disk} --network-access-policy DenyAll"
                " --public-network-access Disabled --subscription {subscription}",
                kinds=_DISK,
            ),
            command(
                "az snapshot update --resource-group {group} --name {snapshot} --network-access-policy DenyAll"
                " --public-network-access Disabled --subscription {subscription}",
                kinds=_SNAPSHOT,
            ),
            portal="Azure portal › Disks › {disk} › Settings › Networking",
            portal_source=_NETWORK_SOURCE,
            portals={
                _SNAPSHOT[0]: PortalPath(
                    "Azure portal › Snapshots › {snapshot} › Settings › Networking", _NETWORK_SOURCE
                )
            },
            effects="Nobody can export the data until the policy changes. Machines use their disks as before.",
            variables=[SNAPSHOT],
        ),
    ),
    SettingControl(
        "vm-disk-entra-auth",
        title="Exporting disks and snapshots needs a sign-in",
        problem="Disk or snapshot that can be exported without a sign-in",
        expected="Exports need a sign-in with Microsoft Entra ID",
        judged="`dataAccessAuthMode` of each managed disk and snapshot. `AzureActiveDirectory` passes, `None` fails. If"
        " the property is absent, it counts as `None`, which is the default. If `networkAccessPolicy` is `DenyAll`,"
        f" nobody can export the data, so the control does not apply. {MANAGED_CAN_BE_LEFT_OUT}",
        why="A link for exporting a disk works for anyone who has the link. With a sign-in, only permitted people"
        " can use the link.",
        severity=Severity.LOW,
        labels={"dataAccessAuthMode": "Sign-in for exports"},
        unless=(unless_managed,),
        judge=_sign_in,
        also=(SNAPSHOTS,),
        needs=(MANAGED_RESOURCE_GROUPS,),
        parameters=(MANAGED_GROUPS,),
        subject_type=_TYPE,
        empty_reason=_NONE,
        references=References(c3="8.6", mcsb="IM-1*", nist="AC-3*", partly=(judges_managed("c3"),)),
        fix=Fix(
            # https://learn.microsoft.com/azure/virtual-machines/disks-secure-upload-download#restrictions
            advice(
                "Azure Backup and Azure Site Recovery do not support disks with this setting. If one of them protects"
                " the machine of the disk, request an exception instead.",
                kinds=_DISK,
            ),
            advice("Give people who export data the role Data Operator for Managed Disks."),
            command(
                "az disk update --resource-group {group} --name {disk} --data-access-auth-mode AzureActiveDirectory"
                " --subscription {subscription}",
                kinds=_DISK,
            ),
            command(
                "az rest --method patch --url {id} --url-parameters api-version=2025-01-02 --body {body}",
                kinds=_SNAPSHOT,
                bodies={"body": {"properties": {"dataAccessAuthMode": "AzureActiveDirectory"}}},
            ),
            portal="Azure portal › Disks › {disk} › Settings › Disk Export",
            portal_source=_EXPORT_SOURCE,
            portals={
                _SNAPSHOT[0]: PortalPath(
                    "Azure portal › Snapshots › {snapshot} › Settings › Snapshot Export", _EXPORT_SOURCE
                )
            },
            effects="Exports with a link alone stop working. If Azure Backup or Azure Site Recovery protects the"
            " machine of a disk, its backups or its replication fail.",
            variables=[SNAPSHOT],
        ),
    ),
)
