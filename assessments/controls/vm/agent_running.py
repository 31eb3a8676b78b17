"""The control vm-agent-running: The VM agent is installed and reporting."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.shared.vm_status import (
    STATUS_NEEDS,
    awaits_first_report,
    instance_view,
    is_off,
    os_configuration,
    require_agent_report,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.machines.instance_views import power_state
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.facts import Facts


def _lacks_agent(facts: Facts) -> bool:
    """Return whether the machine was created without the agent. If it was, the fix installs the agent. Otherwise, the
    fix restarts the agent or the machine.
    """
    return facts.observed.get("provisionVMAgent") is False


FIX = Fix(
    advice(
        "Install the agent inside the machine: on Windows with the installer of github.com/Azure/WindowsVMAgent, on"
        " Linux with the package walinuxagent or WALinuxAgent of the distribution.",
        when=_lacks_agent,
    ),
    command(
        "az vm update --resource-group {group} --name {machine} --set osProfile.allowExtensionOperations=true"
        " --subscription {subscription}",
        "After that, allow extensions. Until you do this, Azure refuses extensions on a machine that was created"
        " without the agent.",
        when=_lacks_agent,
    ),
    command(
        "az vm restart --resource-group {group} --name {machine} --subscription {subscription}",
        "Restart the agent inside the machine (the service WindowsAzureGuestAgent or walinuxagent), or restart the"
        " machine.",
        when=lambda facts: not _lacks_agent(facts),
    ),
    command(
        "az vm reapply --resource-group {group} --name {machine} --subscription {subscription}",
        "If the agent still does not report, apply the machine's configuration again.",
        when=lambda facts: not _lacks_agent(facts),
    ),
    portal="Azure portal › Virtual machines › {machine} › Overview › Properties › Agent status",
    portal_source="https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-azure-guest-agent",
    effects="Restarting interrupts what runs on the machine. Applying the configuration again may restart it.",
)

# Microsoft's examples have only the statuses Ready and Not Ready. An agent is Not Ready if it does not respond, or has
# not reported yet:
# https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms/get-instance-view
_STATUSES = frozenset({"ready", "not ready", "notready"})
_CREATED_WITHOUT = "The machine was created without the VM agent"


@per_subject(
    VIRTUAL_MACHINES,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "displayStatus": "Status of the agent",
        "provisionVMAgent": "Created with the VM agent",
        "vmAgentVersion": "Version of the agent",
    },
    needs=STATUS_NEEDS,
    references=References(mcsb="PV-4*", nist="CM-8* SI-4*"),
)
def agent_running(machine: View, ctx: Context) -> Verdict:
    """The VM agent is installed and reporting.

    Problem: VM agent missing or not reporting
    Expected: The VM agent is installed, and ready while the machine runs
    Judged: The agent of a running machine must be Ready and report its version. If the agent is not ready, the verdict
    is unknown while Azure starts or changes the machine, and for 30 minutes afterwards. A machine that is stopped or
    deallocated is not applicable. A machine that does not allow extensions gets a remark.

    A machine that was created without the agent (`provisionVMAgent` is false) is judged differently: the machine fails
    if it is off, or if no agent reports after the same 30 minutes. It passes with a remark if an agent that was
    installed later is Ready.
    Why: Without its agent, patches, scans and protection do not reach a machine.
    """
    configuration = os_configuration(machine)
    # `provisionVMAgent` says whether the machine was created with the agent (by default, yes). People may install it
    # later: https://learn.microsoft.com/azure/virtual-machines/extensions/agent-windows
    created_without = configuration is not None and not configuration.flag("provisionVMAgent", default=True)
    status = instance_view(machine, ctx)
    state = power_state(status)
    if is_off(state):
        if created_without:
            return failed(_CREATED_WITHOUT, provisionVMAgent=False, powerState=state)
        return not_applicable(f"The machine is {state}", powerState=state)
    if created_without and not status.has("vmAgent"):
        require_agent_report(machine, ctx)
        return awaits_first_report(status, ctx) or failed(
            f"{_CREATED_WITHOUT}, and no agent reports to Azure", provisionVMAgent=False, powerState=state
        )
    agent = status.object("vmAgent")
    version = agent.raw("vmAgentVersion")
    if isinstance(version, str) and version.strip().casefold() == "unknown":
        if (verdict := awaits_first_report(status, ctx)) is not None:
            return verdict
        if created_without:
            return failed(
                f"{_CREATED_WITHOUT}, and no agent reports to Azure", provisionVMAgent=False, powerState=state
            )
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
    if status_text.strip().casefold() not in _STATUSES:
        raise statuses[0].unknown_value("displayStatus", status_text)
    observed: dict[str, Any] = {"powerState": state, "displayStatus": status_text}
    if status_text.strip().casefold() != "ready":
        return awaits_first_report(status, ctx) or failed(f"The agent is {status_text}", **observed)
    extensions = machine.object("properties.osProfile", default={}).flag(
        "allowExtensionOperations", default=True
    )
    remarks = [] if extensions else ["Extensions are not allowed on the machine"]
    if created_without:
        remarks.append("The machine was created without the agent; the agent was installed later")
    return passed("The agent is ready", remarks=remarks, **observed)
