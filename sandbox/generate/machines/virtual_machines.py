"""Virtual machines with disks, extensions, run-time status and Defender's results.

Format: Microsoft.Compute 2024-07-01, as ARM returns it with the instance view. Expected verdicts: all vm-* controls.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.generate.assessments import (
    EDR,
    UPDATES,
    VULNERABILITIES,
    write_assessment,
    write_namesake,
    write_software_update,
    write_vulnerability,
)
from sandbox.generate.machines.disks import write_disks
from sandbox.generate.machines.interfaces import Balancing, Interface, write_interface
from sandbox.generate.names import VM_SIZES
from sandbox.generate.network.virtual_networks import Network, Subnet
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

MACHINES = "Microsoft.Compute/virtualMachines"


@dataclass(frozen=True)
class Machine:
    id: str
    name: str
    group: str
    region: str
    tags: Json
    interface: Interface


def write_machine(
    sub: Subscription,
    network: Network,
    subnet: Subnet | None = None,
    *,
    sql: bool = False,
    balancing: Balancing | None = None,
) -> Machine:
    """Write a machine in `subnet` or, if `subnet` is None, in a random subnet of the virtual network that was written
    last.

    `sql` says whether the machine runs SQL Server. `balancing` is the load balancer in front of the machine.
    """
    rng = sub.rng
    subnet = subnet or rng.pick(network.subnets)
    group, _, tags = sub.group(region=subnet.region)
    windows = sql or rng.chance(0.4)
    name = f"vm-{tags['application'][:6]}-{sub.next_number('machine'):05d}"
    vm = sub.id_of(group, MACHINES, name)
    # Azure deallocates the machines of a disabled subscription.
    # https://learn.microsoft.com/azure/cost-management-billing/manage/cancel-azure-subscription
    running = not rng.chance(0.15) and sub.state != "Disabled"
    nic = write_interface(sub, network, subnet, group, tags, vm, sql=sql, balancing=balancing)
    properties: Json = {
        "provisioningState": "Succeeded",
        "vmId": rng.guid(),
        "hardwareProfile": {"vmSize": rng.pick(VM_SIZES)},
        "timeCreated": rng.arm_timestamp(120, 900),
        "networkProfile": {
            "networkInterfaces": [{"id": nic.id, "properties": {"primary": True}}],
        },
    }
    extensions: list[tuple[str, str, str]] = []
    view: Json = {"computerName": name[:15], "osName": "Windows Server 2022" if windows else "ubuntu"}
    _agent(sub, vm, windows, running, properties, view)
    _patches(sub, vm, running, view)
    write_disks(sub, group, name, vm, windows, properties, tags, subnet.region, extensions)
    antimalware = _protection(sub, vm, windows, extensions)
    sub.expect("vm-os-firewall", vm, "manual")
    # By default, the parameters of the controls name no approved images and no approved extensions. In this case, the
    # verdict is manual, and a person answers for the whole subscription.
    _expect_once(sub, "vm-approved-images")
    if not sub.without_defender:
        _just_in_time(sub, group, subnet.region, vm, windows)
    properties["instanceView"] = view
    sub.write(group, MACHINES, name, properties, location=subnet.region, tags=tags)
    sub.machines[vm] = subnet.region
    for publisher, kind, state in extensions:
        _expect_once(sub, "vm-approved-extensions")
        settings: Json = {
            "autoUpgradeMinorVersion": True,
            "provisioningState": state,
            "publisher": publisher,
            "type": kind,
            "typeHandlerVersion": "1.0",
            "settings": antimalware if kind == "IaaSAntimalware" else {},
        }
        sub.write(group, f"{MACHINES}/extensions", f"{name}/{kind}", settings, location=subnet.region)
    with sub.branch(f"{vm}/retired agent"):
        if sub.rng.rare() and properties["osProfile"]["allowExtensionOperations"]:
            _retired_agent(sub, group, name, windows, subnet.region)
    return Machine(vm, name, group, subnet.region, tags, nic)


def _retired_agent(sub: Subscription, group: str, machine: str, windows: bool, region: str) -> None:
    """Write the Log Analytics agent, which was retired in August 2024. The agent adds a remark, but changes no verdict.

    The agent is an extension. Its name is one of those that Azure and its templates use:
    https://learn.microsoft.com/azure/virtual-machines/extensions/oms-linux and oms-windows.
    """
    kind = "MicrosoftMonitoringAgent" if windows else "OmsAgentForLinux"
    name = kind if sub.rng.chance(0.6) else "MMAExtension" if windows else "OMSExtension"
    properties: Json = {
        "autoUpgradeMinorVersion": True,
        "provisioningState": "Succeeded",
        "publisher": "Microsoft.EnterpriseCloud.Monitoring",
        "type": kind,
        "typeHandlerVersion": "1.0" if windows else "1.13",
        "settings": {"workspaceId": sub.rng.guid()},
    }
    _expect_once(sub, "vm-approved-extensions")
    sub.write(group, f"{MACHINES}/extensions", f"{machine}/{name}", properties, location=region)


def _expect_once(sub: Subscription, control: str) -> None:
    if control not in sub.expected_controls:
        sub.expect(control, sub.id, "manual")


def _just_in_time(sub: Subscription, group: str, region: str, vm: str, windows: bool) -> None:
    """Write a policy of just-in-time access to the machine. As a random fault, write no policy."""
    rng = sub.rng.branch(f"{vm}/just in time")
    fails = rng.faulty()
    sub.expect_failure_if("vm-jit", vm, fails)
    if fails:
        return
    port: Json = {
        "number": 3389 if windows else 22,
        "protocol": "TCP",
        "allowedSourceAddressPrefix": rng.pick(("*", "203.0.113.0/24")),
        "maxRequestAccessDuration": "PT3H",
    }
    sub.write(
        group,
        "Microsoft.Security/locations/jitNetworkAccessPolicies",
        f"{region}/default",
        {"provisioningState": "Succeeded", "virtualMachines": [{"id": vm, "ports": [port]}], "requests": []},
        location=region,
        kind="Basic",
    )


def _status(code: str, text: str, moment: str | None = None) -> Json:
    return {"code": code, "level": "Info", "displayStatus": text, **({"time": moment} if moment else {})}


def _agent(sub: Subscription, vm: str, windows: bool, running: bool, properties: Json, view: Json) -> None:
    rng = sub.rng
    form = rng.pick(("never installed", "silent", "unknown version")) if rng.faulty() else ""
    wants_agent = form != "never installed"
    patching = {
        "patchMode": "AutomaticByPlatform",
        "assessmentMode": rng.pick(("AutomaticByPlatform", "ImageDefault")),
    }
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    installed_later = running and not form and rng.branch(f"{vm}/agent").chance(0.1)
    provisioned = wants_agent and not installed_later
    profile: Json = {"computerName": view["computerName"], "adminUsername": "azureadmin", "secrets": []}
    profile["allowExtensionOperations"] = wants_agent
    if windows:
        sub.expect("vm-linux-ssh-key", vm, "not_applicable")
        profile["windowsConfiguration"] = {
            "provisionVMAgent": provisioned,
            "enableAutomaticUpdates": True,
            "patchSettings": patching,
        }
    else:
        passwords = rng.branch(f"{vm}/passwords").faulty()
        sub.expect_failure_if("vm-linux-ssh-key", vm, passwords)
        profile["linuxConfiguration"] = {
            "disablePasswordAuthentication": not passwords,
            "provisionVMAgent": provisioned,
            "patchSettings": patching,
        }
    properties["osProfile"] = profile
    power = (
        _status("PowerState/running", "VM running")
        if running
        else _status("PowerState/deallocated", "VM deallocated")
    )
    view["statuses"] = [
        _status("ProvisioningState/succeeded", "Provisioning succeeded", rng.arm_timestamp(1, 60)),
        power,
    ]
    if running and wants_agent:
        silent = form == "silent"
        code, text = ("Unavailable", "Not Ready") if silent else ("succeeded", "Ready")
        version = (
            "Unknown" if form == "unknown version" else rng.pick(("2.11.1.4", "2.12.0.2", "2.7.41491.1172"))
        )
        view["vmAgent"] = {
            "vmAgentVersion": version,
            "statuses": [_status(f"ProvisioningState/{code}", text, rng.arm_timestamp(0, 1))],
            "extensionHandlers": [],
        }
    if not running and wants_agent:
        sub.expect("vm-agent-running", vm, "not_applicable")
    else:
        sub.expect_failure_if("vm-agent-running", vm, bool(form))


def _patches(sub: Subscription, vm: str, running: bool, view: Json) -> None:
    rng = sub.rng
    form = rng.pick(("missing patches", "never assessed", "assessed long ago")) if rng.faulty() else ""
    if not running:
        sub.expect("vm-os-patches", vm, "unknown")
        return
    if form != "never assessed":
        old = form == "assessed long ago"
        moment = rng.arm_timestamp(15, 60) if old else rng.arm_timestamp(0, 5)
        view["patchStatus"] = {
            "availablePatchSummary": {
                "status": "Succeeded",
                "assessmentActivityId": rng.guid(),
                "rebootPending": False,
                "criticalAndSecurityPatchCount": rng.randrange(1, 20) if form == "missing patches" else 0,
                "otherPatchCount": rng.randrange(0, 9),
                "startTime": moment,
                "lastModifiedTime": moment,
            }
        }
    sub.expect_failure_if("vm-os-patches", vm, bool(form))


def _protection(sub: Subscription, vm: str, windows: bool, extensions: list[tuple[str, str, str]]) -> Json:
    """Write Defender's results on endpoint protection, vulnerabilities and updates of a machine.

    If the machine has an extension for endpoint protection, add the extension to `extensions`. Return the settings of
    Microsoft Antimalware.
    """
    rng = sub.rng
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    watching = rng.branch(f"{vm}/antimalware")
    # Sometimes write strings such as "true" instead of Booleans, as Microsoft's templates do.
    settings: Json = {"AntimalwareEnabled": True, "RealtimeProtectionEnabled": watching.pick((True, "true"))}
    mde = ("Microsoft.Azure.AzureDefenderForServers", "MDE.Windows" if windows else "MDE.Linux")
    antimalware = ("Microsoft.Azure.Security", "IaaSAntimalware")
    if rng.faulty():
        write_assessment(sub, vm, EDR, healthy=False, min_days=3, max_days=20)
        form, verdict = "missing", "fail"
    else:
        form = rng.pick(("assessed", "extension", "nothing", "broken"))
        verdict = "manual" if form in ("nothing", "broken") else "pass"
        if form == "assessed":
            write_assessment(sub, vm, EDR, healthy=True, min_days=20, max_days=200)
        elif form != "nothing":
            chosen = antimalware if windows and rng.chance(0.3) else mde
            extensions.append((*chosen, "Succeeded" if form == "extension" else "Failed"))
            if chosen is antimalware and form == "extension" and watching.faulty():
                settings["RealtimeProtectionEnabled"] = watching.pick((False, "false"))
                form, verdict = "not watching", "fail"
    if sub.without_defender:  # If there are no results of Defender, the control can judge only extensions.
        verdict = {"extension": "pass", "not watching": "fail"}.get(form, "manual")
    sub.expect("vm-endpoint-protection", vm, verdict)
    write_namesake(sub, vm)
    if rng.faulty():
        write_assessment(sub, vm, VULNERABILITIES, healthy=False, min_days=3, max_days=300)
        write_vulnerability(sub, vm, "High", 45, 200)
        verdict = "fail"
    else:
        verdict = "manual"
        if rng.chance(0.3):
            write_assessment(sub, vm, VULNERABILITIES, healthy=False, min_days=3, max_days=300)
            write_vulnerability(sub, vm, *rng.pick((("Low", 45, 200), ("High", 2, 20))))
    # Use a separate random source (branch), so that its choices do not change other parts of the estate.
    updates = rng.branch(f"{vm}/updates")
    if updates.faulty():
        form = updates.pick(UPDATES)
        write_software_update(sub, vm, form)
        verdict = "fail" if form == "overdue" else verdict
    sub.expect("vm-software-patches", vm, "manual" if sub.without_defender else verdict)
    return settings
