"""vm-agent-running."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.controls.vm_status import STATUS_NEEDS, instance_view, is_off, os_configuration
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.instance_views import power_state
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az vm restart --resource-group {group} --name {machine} --subscription {subscription}",
        "Restart the agent inside the machine (the service WindowsAzureGuestAgent or walinuxagent), or restart the"
        " machine.",
    ),
    command(
        "az vm reapply --resource-group {group} --name {machine} --subscription {subscription}",
        "If the agent still does not report, apply the machine's configuration again.",
    ),
    portal="Azure portal › Virtual machines › {machine} › Overview › Properties › Agent status",
    portal_source="https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-azure-guest-agent",
    effects="Restarting interrupts what runs on the machine. Applying the configuration again may restart it.",
)


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.MEDIUM,
    needs=STATUS_NEEDS,
    references=References(mcsb="PV-4*", nist="CM-8* SI-4*"),
)
def agent_running(machine: View, ctx: Context) -> Verdict:
    """The VM agent is installed and reporting.

    Problem: VM agent missing or not reporting
    Expected: The machine was created with the VM agent, which is ready while the machine runs
    Judged: `provisionVMAgent` must not be false, whether the machine runs or not. The agent of a running
    machine must be Ready and report its version. A machine that is stopped or deallocated is not
    applicable. A machine that does not allow extensions gets a remark.
    Why: Patches, scans and protection reach a machine through its agent.
    """
    configuration = os_configuration(machine)
    # Azure installs the agent by default.
    if configuration is not None and not configuration.flag("provisionVMAgent", default=True):
        return failed("The machine was created without the VM agent", provisionVMAgent=False)
    status = instance_view(machine, ctx)
    state = power_state(status)
    if is_off(state):
        return not_applicable(f"The machine is {state}", powerState=state)
    agent = status.object("vmAgent")
    version = agent.raw("vmAgentVersion")
    if isinstance(version, str) and version.strip().casefold() == "unknown":
        return failed(
            "The agent does not report its version",
            powerState=state,
            vmAgentVersion=version,
        )
    agent.text("vmAgentVersion")
    statuses = agent.items("statuses")
    if not statuses:
        raise agent.unreadable("statuses", "empty")
    status_text = statuses[0].text("displayStatus")
    observed: dict[str, Any] = {"powerState": state, "displayStatus": status_text}
    if status_text.strip().casefold() != "ready":
        return failed(f"The agent is {status_text}", **observed)
    extensions = machine.object("properties.osProfile", default={}).flag(
        "allowExtensionOperations", default=True
    )
    remarks = [] if extensions else ["Extensions are not allowed on the machine"]
    return passed("The agent is ready", remarks=remarks, **observed)
