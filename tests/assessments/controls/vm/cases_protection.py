"""Protection, disks and firewalls of virtual machines."""

from __future__ import annotations

import json
from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.vm.documents import DATA_DISK, OS_DISK, VM, _all, machine, of_cluster
from tests.assessments.controls.vmss.cases_scale_sets import CLUSTER, SET, listed, scale_set
from tests.assessments.controls.vmss.cases_scale_sets import FORBIDDEN as SETS_FORBIDDEN

PROTECTION, DISKS, FIREWALL = "vm-endpoint-protection", "vm-disk-encryption", "vm-os-firewall"

EDR_NAME = "EDR solution should be installed on Virtual Machines"

EDR = f"{VM}/providers/Microsoft.Security/assessments/06e3a6db-6c0c-4ad9-943f-31d9d73ecf6c"


MDE = "Microsoft.Azure.AzureDefenderForServers.MDE"


def reporting(kind: Any, code: str) -> dict[str, Any]:
    """A running machine whose agent reports one extension."""
    handler = {"type": kind, "typeHandlerVersion": "1.0.9.2", "status": {"code": code, "level": "Info"}}
    view = {"vmAgent": {"vmAgentVersion": "2.7.41491.1095", "statuses": [], "extensionHandlers": [handler]}}
    return doc(VM, {"instanceView": view})


def edr(code: Any, name: Any = EDR_NAME) -> dict[str, Any]:
    return doc(EDR, {"displayName": name, "status": {"code": code}})


def installed(
    kind: str = "MDE.Linux",
    publisher: str = "Microsoft.Azure.AzureDefenderForServers",
    state: str = "Succeeded",
    **more: Any,
) -> list[dict[str, Any]]:
    held = {"publisher": publisher, "type": kind, "provisioningState": state, **more}
    return [doc(f"{VM}/extensions/{kind}", held)]


def antimalware(settings: Any) -> list[dict[str, Any]]:
    """Microsoft Antimalware with these settings."""
    return installed("IaaSAntimalware", "Microsoft.Azure.Security", settings=settings)


def protected(*assessments: dict[str, Any], extensions: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "virtual_machines": [machine()],
        "security_assessments": {SUB: list(assessments)},
        "virtual_machine_extensions": {VM: list(extensions)},
        **more,
    }


_PROTECTION = _all(
    PROTECTION,
    Case(PROTECTION, "healthy", protected(edr("Healthy")), {VM: "pass"}),
    *(
        Case(PROTECTION, f"node of a cluster, {name}", of_cluster(docs), {VM: expect}, reason=reason)
        for name, docs, expect, reason in (
            ("unhealthy", protected(edr("Unhealthy")), "not_applicable", "see the control aks-defender"),
            ("nothing visible", protected(), "not_applicable", "see the control aks-defender"),
            (
                "real-time protection off",
                protected(extensions=antimalware({"RealtimeProtectionEnabled": False})),
                "not_applicable",
                "see the control aks-defender",
            ),
            ("healthy", protected(edr("Healthy")), "pass", "EDR"),
            ("extension installed", protected(extensions=installed()), "pass", "extension"),
        )
    ),
    Case(
        PROTECTION, "managed groups forbidden", protected(), {VM: "unknown"}, [gap("managed_resource_groups")]
    ),
    Case(
        PROTECTION,
        "unhealthy although installed",
        protected(edr("Unhealthy"), extensions=installed()),
        {VM: "fail"},
    ),
    Case(
        PROTECTION,
        "not applicable, extension installed",
        protected(edr("NotApplicable"), extensions=installed()),
        {VM: "pass"},
    ),
    Case(PROTECTION, "protection extension installed", protected(extensions=installed()), {VM: "pass"}),
    *(
        Case(
            PROTECTION,
            f"Microsoft Antimalware with the settings {settings}",
            protected(extensions=antimalware(settings)),
            {VM: expect},
            no_remark="drives",
        )
        for settings, expect in (
            (None, "pass"),
            ({"AntimalwareEnabled": True}, "pass"),
            ({"AntimalwareEnabled": True, "RealtimeProtectionEnabled": True}, "pass"),
            ({"AntimalwareEnabled": "true", "RealtimeProtectionEnabled": "True"}, "pass"),
            ({"AntimalwareEnabled": True, "RealtimeProtectionEnabled": False}, "fail"),
            ({"AntimalwareEnabled": True, "RealtimeProtectionEnabled": "false"}, "fail"),
            ({"RealtimeProtectionEnabled": "perhaps"}, "unknown"),
            ({"RealtimeProtectionEnabled": 1}, "unknown"),
            ({"Exclusions": {"Paths": "c:\\temp;d:\\data\\x"}}, "pass"),
            ([], "unknown"),
        )
    ),
    Case(
        PROTECTION,
        "Microsoft Antimalware without real-time protection beside Defender for Endpoint",
        protected(extensions=[*antimalware({"RealtimeProtectionEnabled": False}), *installed()]),
        {VM: "pass"},
    ),
    Case(
        PROTECTION,
        "Microsoft Antimalware excludes a drive",
        protected(extensions=antimalware({"Exclusions": {"Paths": "c:\\temp; C:\\;d:"}})),
        {VM: "pass"},
        remark=r"excludes whole drives: C:\, d:",
    ),
    Case(
        PROTECTION,
        "plan for servers unreadable",
        protected(edr("Unhealthy")),
        {VM: "fail"},
        [gap("defender_pricings")],
    ),
    *(
        Case(
            PROTECTION,
            f"the machine reports the extension {kind} with {code}",
            protected() | {"virtual_machine_instance_views": {VM: [reporting(kind, code)]}},
            {VM: expect},
            reason=reason,
        )
        for kind, code, expect, reason in (
            (f"{MDE}.Windows", "ProvisioningState/succeeded", "pass", "reports Defender for Endpoint"),
            (f"{MDE}.Linux".upper(), "provisioningState/Succeeded", "pass", "reports Defender for Endpoint"),
            (f"{MDE}.Windows", "ProvisioningState/failed/1", "manual", "Attest"),
            # The agent does not report whether real-time protection is on.
            ("Microsoft.Azure.Security.IaaSAntimalware", "ProvisioningState/succeeded", "manual", "Attest"),
            ("Microsoft.Powershell.DSC", "ProvisioningState/succeeded", "manual", "Attest"),
            (None, "ProvisioningState/succeeded", "unknown", "extensionHandlers"),
        )
    ),
    *(
        Case(
            PROTECTION,
            f"the machine reports Defender for Endpoint as ready, {name}",
            protected(extensions=extensions)
            | {
                "virtual_machine_instance_views": {
                    VM: [reporting(f"{MDE}.{system}", "ProvisioningState/succeeded")]
                }
            },
            {VM: expect},
            reason=reason,
        )
        for name, system, extensions, expect, reason in (
            ("its installation failed", "Linux", installed(state="Failed"), "manual", "Attest"),
            (
                "it is being installed",
                "Windows",
                installed("MDE.Windows", state="Updating"),
                "manual",
                "Attest",
            ),
            (
                "another protection failed",
                "Windows",
                installed("IaaSAntimalware", "Microsoft.Azure.Security", state="Failed"),
                "pass",
                "reports Defender for Endpoint",
            ),
            (
                "Microsoft Antimalware without real-time protection",
                "Windows",
                antimalware({"RealtimeProtectionEnabled": False}),
                "pass",
                "reports Defender for Endpoint",
            ),
            (
                "its installation failed, Microsoft Antimalware without real-time protection",
                "Windows",
                [
                    *installed("MDE.Windows", state="Failed"),
                    *antimalware({"RealtimeProtectionEnabled": False}),
                ],
                "fail",
                "Real-time protection",
            ),
        )
    ),
    Case(
        PROTECTION,
        "extension installation failed",
        protected(extensions=installed(state="Failed")),
        {VM: "manual"},
        remark="not installed",
    ),
    Case(
        PROTECTION, "unrelated extension", protected(extensions=installed("Script", "Acme")), {VM: "manual"}
    ),
    Case(
        PROTECTION,
        "extension of a listed vendor",
        protected(extensions=installed("Script", "Acme")),
        {VM: "pass"},
        params={"vendors": "x/y; acme/script"},
    ),
    Case(PROTECTION, "another display name", protected(edr("Unhealthy", "Another name")), {VM: "fail"}),
    Case(
        PROTECTION,
        "another recommendation with the display name",
        protected({**edr("Healthy"), "id": EDR.replace("06e3a6db", "16e3a6db"), "name": "other"}),
        {VM: "manual"},
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

KEYS = f"{RG}/providers/Microsoft.Compute/diskEncryptionSets/des"


def ephemeral(keys: str | None) -> dict[str, Any]:
    """A system disk that exists only on the host. The list of disks does not contain it."""
    managed = {"id": OS_DISK} | ({"diskEncryptionSet": {"id": keys}} if keys else {})
    return {"name": "os", "diffDiskSettings": {"option": "Local"}, "managedDisk": managed}


OWN_KEYS = "EncryptionAtRestWithCustomerKey"


def of_set(*data: Any, system: Any = None, mode: str = "Uniform", **profile: Any) -> dict[str, Any]:
    """A scale set whose model has these disks. `system`: `managedDisk` of the system disk."""
    held = {"osDisk": {"osType": "Linux", "managedDisk": system or {}}, "dataDisks": list(data)}
    return listed(scale_set(mode, {"storageProfile": held, **profile}))


def extended(kind: Any) -> dict[str, Any]:
    """The extensions of a scale set."""
    return {"extensionProfile": {"extensions": [{"properties": {"publisher": "x", "type": kind}}]}}


OF_KEYS = {"diskEncryptionSet": {"id": KEYS}}
GUEST_STATE = {"securityProfile": {"securityEncryptionType": "DiskWithVMGuestState"}}
UNMANAGED_SET = listed(
    scale_set(profile={"storageProfile": {"osDisk": {"vhdContainers": ["https://x/vhds"]}}})
)
_OF_SETS = [
    Case(DISKS, f"scale set, {name}", docs, {SET: expect}, **more)
    for name, docs, expect, more in (
        ("encryption at host", of_set(securityProfile=AT_HOST), "pass", {"reason": "at host is on"}),
        ("nothing", of_set(), "fail", {}),
        ("encryption at host is text", of_set(securityProfile={"encryptionAtHost": "yes"}), "unknown", {}),
        ("L1", of_set(), "pass", {"params": {"level": "L1"}}),
        ("unmanaged", UNMANAGED_SET, "fail", {"params": {"level": "L1"}}),
        ("no disk stated", listed(scale_set(profile={"storageProfile": {"osDisk": {}}})), "unknown", {}),
        ("own keys", of_set({"managedDisk": OF_KEYS}, system=OF_KEYS), "pass", {"remark": "temporary disk"}),
        ("own keys of the system disk only", of_set({"lun": 0}, system=OF_KEYS), "fail", {}),
        ("confidential", of_set(system=GUEST_STATE), "pass", {"reason": "guest state"}),
        (
            "confidential, with a data disk",
            of_set({"lun": 0}, system=GUEST_STATE),
            "fail",
            {"reason": "Confidential encryption covers the system disk only"},
        ),
        ("Azure Disk Encryption", of_set(**extended("AzureDiskEncryptionForLinux")), "unknown", {}),
        (
            "Azure Disk Encryption and encryption at host",
            of_set(securityProfile=AT_HOST, **extended("AzureDiskEncryption")),
            "pass",
            {},
        ),
        ("another extension", of_set(**extended("CustomScript")), "fail", {}),
        ("extension without a type", of_set(**extended(None)), "unknown", {}),
        ("extensions not readable", of_set(extensionProfile={"extensions": 7}), "unknown", {}),
        (
            "node pool",
            {**of_set(), "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=CLUSTER)]}},
            "not_applicable",
            {"reason": "see the control aks-host-encryption"},
        ),
        (
            "node pool with encryption at host",
            {
                **of_set(securityProfile=AT_HOST),
                "managed_resource_groups": {SUB: [doc(RG, {}, managedBy=CLUSTER)]},
            },
            "pass",
            {},
        ),
        ("managed groups forbidden", of_set(), "unknown", {"gaps": [gap("managed_resource_groups")]}),
    )
]

_DISKS = _all(
    DISKS,
    Case(DISKS, "encryption at host", disks(securityProfile=AT_HOST), {VM: "pass"}),
    Case(DISKS, "Microsoft-managed keys only", disks(listed=[disk()]), {VM: "fail"}),
    Case(DISKS, "L1", disks(listed=[disk()]), {VM: "pass"}, params={"level": "L1"}),
    Case(
        DISKS,
        "node of a cluster",
        of_cluster(disks(listed=[disk()])),
        {VM: "not_applicable"},
        reason="see the control aks-host-encryption",
    ),
    Case(DISKS, "node of a cluster, on", of_cluster(disks(securityProfile=AT_HOST)), {VM: "pass"}),
    Case(
        DISKS,
        "groups forbidden",
        disks(listed=[disk()]),
        {VM: "unknown"},
        [gap("managed_resource_groups")],
    ),
    Case(
        DISKS,
        "unmanaged disk",
        disks({"name": "os", "vhd": {"uri": "https://x/y.vhd"}}),
        {VM: "fail"},
        params={"level": "L1"},
    ),
    Case(
        DISKS,
        "managed disks, made from blobs",
        disks(
            {"name": "os", "managedDisk": {"id": OS_DISK}, "vhd": {"uri": "https://x/y.vhd"}},
            data_disks=[{**DATA, "vhd": {"uri": "https://x/z.vhd"}}],
            securityProfile=AT_HOST,
        ),
        {VM: "pass"},
    ),
    Case(
        DISKS,
        "unmanaged data disk, encryption at host",
        disks(data_disks=[{"name": "d", "vhd": {"uri": "x"}}], securityProfile=AT_HOST),
        {VM: "fail"},
    ),
    Case(
        DISKS,
        "confidential",
        disks({"name": "os", "managedDisk": CONFIDENTIAL}),
        {VM: "pass"},
        remark="The temporary disk is encrypted only if",
    ),
    Case(
        DISKS,
        "confidential system disk with a data disk",
        disks({"name": "os", "managedDisk": CONFIDENTIAL}, data_disks=[DATA], listed=[disk(DATA_DISK)]),
        {VM: "fail"},
        reason="Confidential encryption covers the system disk only",
    ),
    Case(
        DISKS,
        "confidential system disk with a data disk that was not read",
        disks({"name": "os", "managedDisk": CONFIDENTIAL}, data_disks=[DATA]),
        {VM: "unknown"},
    ),
    Case(
        DISKS,
        "confidential system disk with a data disk, encryption at host",
        disks(
            {"name": "os", "managedDisk": CONFIDENTIAL},
            data_disks=[DATA],
            listed=[disk(DATA_DISK)],
            securityProfile=AT_HOST,
        ),
        {VM: "pass"},
    ),
    Case(
        DISKS,
        "confidential system disk with a data disk, customer-managed keys",
        disks(
            {"name": "os", "managedDisk": CONFIDENTIAL},
            data_disks=[DATA],
            listed=[disk(DATA_DISK, kind=OWN_KEYS)],
        ),
        {VM: "pass"},
        reason="the data disks are encrypted with customer-managed keys",
        no_remark="15 September 2028",
    ),
    Case(
        DISKS,
        "confidential system disk with a data disk, Azure Disk Encryption",
        disks({"name": "os", "managedDisk": CONFIDENTIAL}, data_disks=[DATA], listed=[disk(DATA_DISK, True)]),
        {VM: "pass"},
        remark="15 September 2028",
    ),
    *(
        Case(DISKS, f"ephemeral system disk, {name}", disks(ephemeral(keys), **more), {VM: expect})
        for name, keys, more, expect in (
            ("Microsoft-managed keys", None, {}, "fail"),
            ("customer-managed keys", KEYS, {}, "pass"),
            ("encryption at host", None, {"securityProfile": AT_HOST}, "pass"),
        )
    ),
    Case(
        DISKS,
        "Azure Disk Encryption",
        disks(data_disks=[DATA], listed=[disk(ade=True), disk(DATA_DISK, True)]),
        {VM: "pass"},
        remark="15 September 2028",
    ),
    Case(
        DISKS,
        "data disk not encrypted",
        disks(data_disks=[DATA], listed=[disk(ade=True), disk(DATA_DISK)]),
        {VM: "fail"},
    ),
    Case(
        DISKS,
        "customer-managed keys only",
        disks(listed=[disk(kind=OWN_KEYS)]),
        {VM: "pass"},
        remark="temporary disk",
    ),
    Case(
        DISKS,
        "customer-managed keys on the system disk only",
        disks(data_disks=[DATA], listed=[disk(kind=OWN_KEYS), disk(DATA_DISK)]),
        {VM: "fail"},
        reason="customer-managed",
    ),
    Case(
        DISKS,
        "customer-managed keys on one disk, Azure Disk Encryption on the other",
        disks(data_disks=[DATA], listed=[disk(kind=OWN_KEYS), disk(DATA_DISK, True)]),
        {VM: "pass"},
        remark="15 September 2028",
    ),
    Case(DISKS, "disks forbidden", disks(), {VM: "unknown"}, [gap("disks")]),
    Case(
        DISKS,
        "disks forbidden, encryption at host",
        disks(securityProfile=AT_HOST),
        {VM: "pass"},
        [gap("disks")],
    ),
    *_OF_SETS,
    Case(DISKS, "flexible scale set", of_set(mode="Flexible"), {SUB: "not_applicable"}),
    Case(DISKS, SETS_FORBIDDEN[0], SETS_FORBIDDEN[1], SETS_FORBIDDEN[2], **SETS_FORBIDDEN[3]),
    Case(DISKS, "disk not listed", disks(), {VM: "unknown"}),
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
        "unattached, customer-managed keys",
        disks(securityProfile=AT_HOST, listed=[disk(DATA_DISK, state="Unattached", kind=OWN_KEYS)]),
        {VM: "pass", DATA_DISK: "pass"},
        params={"level": "strict"},
    ),
)


def baseline(
    code: Any = "Compliant",
    name: str = "AzureLinuxBaseline",
    *phrases: str,
    checked_at: str | None = "2026-11-25T11:45:00Z",
    parameters: Any = (),
) -> dict[str, Any]:
    identifier = f"{VM}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/{name}"
    reasons = [{"code": "x", "phrase": phrase} for phrase in phrases]
    report = {
        "resources": [{"complianceStatus": "NonCompliant" if phrases else "Compliant", "reasons": reasons}]
    }
    return doc(
        identifier,
        {
            "complianceStatus": code,
            "lastComplianceStatusChecked": checked_at,
            "latestAssignmentReport": report,
            "guestConfiguration": {"name": name, "configurationParameter": list(parameters)},
        },
    )


def settings(value: Any, name: str = "AzureLinuxBaseline;BaselineSettings") -> dict[str, Any]:
    return {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}


def selected(*rules: dict[str, str]) -> dict[str, Any]:
    """The value of the parameter that selects rules of the Linux baseline."""
    block = {"name": "Azure Security Baseline for Linux", "version": "1.0.0", "settings": list(rules)}
    return {"standard": "Microsoft", "baselineSettings": [block]}


SSH_RULE = {
    "ruleId": "35868e8c-97eb-4981-ab79-99b25101cc86",
    "name": "Ensure that the SSH protocol is configured;DesiredObjectValue",
    "value": "1",
}
STATE_OF_DOMAIN = "Windows Firewall: Domain: Firewall state;ExpectedValue"
PROPERTIES = "AzureBaseline_WindowsFirewallProperties"


def without_report(body: dict[str, Any]) -> dict[str, Any]:
    """The assignment without its report, like in Microsoft's example response of a list of assignments."""
    kept = {key: value for key, value in body["properties"].items() if key != "latestAssignmentReport"}
    return body | {"properties": kept}


def checked(*assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"virtual_machines": [machine()], "guest_configuration": {SUB: list(assignments)}, **more}


REPORT_ID = "7367cbb8-ae99-47d0-a33b-a283564d2cb1"


def naming_report(body: dict[str, Any], report: str = REPORT_ID) -> dict[str, Any]:
    """The assignment with the id of its report, but without the report itself."""
    body = without_report(body)
    return body | {"properties": {**body["properties"], "latestReportId": f"{body['id']}/reports/{report}"}}


def report_with(*phrases: str, name: str = "AzureWindowsBaseline") -> dict[str, Any]:
    """The report with the id `REPORT_ID`, as Azure returns it: not compliant, with these phrases as reasons."""
    resource = {"complianceStatus": "NonCompliant", "reasons": [{"phrase": phrase} for phrase in phrases]}
    identifier = f"{baseline(name=name)['id']}/reports/{REPORT_ID}"
    return doc(identifier, {"complianceStatus": "NonCompliant", "details": {"resources": [resource]}})


WINDOWS = naming_report(baseline("NonCompliant", "AzureWindowsBaseline"))


_FIREWALL = _all(
    FIREWALL,
    Case(FIREWALL, "compliant", checked(baseline()), {VM: "pass"}),
    *(
        Case(FIREWALL, f"node of a cluster, {name}", of_cluster(docs), {VM: expect}, reason=reason)
        for name, docs, expect, reason in (
            ("compliant", checked(baseline()), "pass", "compliant"),
            ("no assignment", checked(), "not_applicable", "see the control aks-netpol"),
            (
                "firewall off",
                checked(baseline("NonCompliant", "AzureLinuxBaseline", "The firewall state is off")),
                "not_applicable",
                "see the control aks-netpol",
            ),
        )
    ),
    Case(FIREWALL, "managed groups forbidden", checked(), {VM: "unknown"}, [gap("managed_resource_groups")]),
    Case(
        FIREWALL,
        "compliant seven days ago",
        checked(baseline(checked_at="2026-11-18T12:00:00Z")),
        {VM: "pass"},
    ),
    Case(
        FIREWALL,
        "compliant two years ago",
        checked(baseline(checked_at="2024-03-01T08:15:00Z")),
        {VM: "unknown"},
        reason="last checked at 2024-03-01 08:15 UTC",
    ),
    Case(
        FIREWALL,
        "compliant, never checked",
        checked(baseline(checked_at="0001-01-01T00:00:00Z")),
        {VM: "unknown"},
        reason="never checked",
    ),
    Case(FIREWALL, "time of the check absent", checked(baseline(checked_at=None)), {VM: "unknown"}),
    Case(
        FIREWALL,
        "firewall off in an old report",
        checked(
            baseline(
                "NonCompliant",
                "AzureWindowsBaseline",
                "Windows Firewall: Domain state is off",
                checked_at="2024-03-01T08:15:00Z",
            )
        ),
        {VM: "fail"},
    ),
    Case(
        FIREWALL,
        "firewall off",
        checked(baseline("NonCompliant", "AzureWindowsBaseline", "Windows Firewall: Domain state is off")),
        {VM: "fail"},
    ),
    Case(
        FIREWALL,
        "report without a firewall reason",
        checked(baseline("NonCompliant", "AzureLinuxBaseline", "No password")),
        {VM: "manual"},
    ),
    *(
        Case(FIREWALL, name, checked(baseline(parameters=[parameter])), {VM: expect}, reason=reason)
        for name, parameter, expect, reason in (
            ("customized with one rule about SSH", settings(selected(SSH_RULE)), "manual", "were customized"),
            ("no baseline of this system", settings({"baselineSettings": []}), "manual", "were customized"),
            ("all rules of the baseline", settings(selected()), "pass", ""),
            ("no settings", settings(""), "pass", ""),
            ("another parameter", settings("2", "AzureLinuxBaseline;Other"), "pass", ""),
            ("settings that are not JSON", settings("{"), "unknown", "not JSON"),
            ("settings without baselines", settings({}), "unknown", ""),
        )
    ),
    *(
        Case(
            FIREWALL,
            f"Windows Firewall Properties, expected state {value}",
            checked(baseline(name=PROPERTIES, parameters=[settings(value, STATE_OF_DOMAIN)])),
            {VM: expect},
        )
        for value, expect in (("1", "pass"), ("0", "manual"))
    ),
    Case(
        FIREWALL,
        "Windows Firewall Properties, off",
        checked(
            baseline(),
            baseline("NonCompliant", PROPERTIES, "Windows Firewall: Domain: Firewall state is not 1"),
        ),
        {VM: "fail"},
    ),
    Case(
        FIREWALL,
        "a reason about notifications",
        checked(
            baseline(
                "NonCompliant",
                "AzureWindowsBaseline",
                "Windows Firewall: Public: Allow unicast response is 1",
            )
        ),
        {VM: "manual"},
        remark="Allow unicast response",
    ),
    Case(
        FIREWALL,
        "default policy of the chains",
        checked(
            baseline("NonCompliant", "AzureLinuxBaseline", "Default firewall policy for OUTPUT is not DROP")
        ),
        {VM: "manual"},
        remark="OUTPUT is not DROP",
    ),
    Case(
        FIREWALL,
        "not compliant, without a report",
        checked(without_report(baseline("NonCompliant"))),
        {VM: "manual"},
        reason="no report",
    ),
    Case(
        FIREWALL,
        "firewall off in a report that the list only names",
        checked(
            WINDOWS,
            guest_configuration_reports=[report_with("Windows Firewall: Domain: Firewall state is 0")],
        ),
        {VM: "fail"},
        reason="Firewall state",
    ),
    Case(
        FIREWALL,
        "a report that the list only names, without a firewall reason",
        checked(WINDOWS, guest_configuration_reports=[report_with("No password")]),
        {VM: "manual"},
        reason="does not say that the firewall is off",
    ),
    Case(FIREWALL, "a report that no longer exists", checked(WINDOWS), {VM: "manual"}, reason="no report"),
    Case(
        FIREWALL,
        "report forbidden",
        checked(WINDOWS),
        {VM: "unknown"},
        [gap("guest_configuration_reports", f"{WINDOWS['id']}/reports/{REPORT_ID}")],
        reason="Missing permission Microsoft.GuestConfiguration/guestConfigurationAssignments/reports/read",
    ),
    Case(
        FIREWALL,
        "a report whose name is no id",
        checked(naming_report(baseline("NonCompliant", "AzureWindowsBaseline"), "..")),
        {VM: "manual"},
        reason="no report",
    ),
    Case(FIREWALL, "in progress", checked(baseline("Pending")), {VM: "manual"}),
    Case(FIREWALL, "no assignment", checked(), {VM: "manual"}),
    Case(FIREWALL, "unrelated assignment", checked(baseline(name="Other")), {VM: "manual"}),
    Case(FIREWALL, "status absent", checked(baseline(None)), {VM: "unknown"}),
    Case(
        FIREWALL,
        "assignments forbidden",
        {"virtual_machines": [machine()]},
        {VM: "unknown"},
        [gap("guest_configuration")],
    ),
)

CASES = [*_PROTECTION, *_DISKS, *_FIREWALL]

ABSENCE_PASSES = [
    (
        DISKS,
        r"properties\.virtualMachineProfile\.storageProfile\.dataDisks",
        "the model of a scale set without data disks need not have the list",
    ),
    (
        PROTECTION,
        r"properties\.settings(\.RealtimeProtectionEnabled)?",
        "real-time protection is on by default",
    ),
    (
        FIREWALL,
        r"properties\.guestConfiguration(\.configurationParameter)?",
        "without parameters, all rules of the baseline apply",
    ),
]
OFFICIAL_VERDICTS = """
vm-disk-encryption fail: myVM
vm-disk-encryption pass: myVirtualMachineScaleSet
vm-endpoint-protection manual: myVM
vm-os-firewall manual: myVM
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Disks › Additional settings › Encryption at host",
        DocsFile(
            "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/disks-enable-host-based-encryption-portal.md",
            "25d6cbe11ea8a21c2961c33bc20ab2a1778d47d4",
            "On your VM, select Disks and then select Additional settings",
            "Encryption at host",
        ),
    ),
    ComparedPath(
        "Azure portal › Virtual machine scale sets › {scale_set}",
        DocsFile(
            (
                "MicrosoftDocs/azure-compute-docs/articles/virtual-machines/linux/"
                "disks-enable-host-based-encryption-cli.md"
            ),
            "055347c7568f191e823a1ccb809439aa4671a0e5",
            "Update a Virtual Machine Scale Set to enable encryption at host",
        ),
        not_in_text={
            "Virtual machine scale sets": "The list of scale sets, which a reader finds by its name.",
        },
    ),
    ComparedPath(
        "Azure portal › Policy › Assignments › Assign policy"
        " › “Windows machines should meet requirements of the Azure compute security baseline”, or the same for Linux",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/governance/policy/assign-policy-portal.md",
            "0614402c87ac91c578369420fb1c0be13a3b4cac",
            "Search for policy and select it from the list",
            "Select Assignments on the Policy pane",
            "Select Assign Policy",
        ),
    ),
]
