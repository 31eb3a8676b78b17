"""vm-agent-running."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.controls.vm_status import instance_view, is_off, os_configuration, power_state
from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_STATUSES
from assessments.estate.view import View


@per_subject(
    VIRTUAL_MACHINES,
    problem="VM agent missing or not reporting",
    severity=Severity.MEDIUM,
    expected="provisionVMAgent is not false, and the agent of a running machine is Ready",
    needs=(VM_STATUSES,),
    references=References(mcsb="PV-4* AM-*", nist="CM-8* SI-4*"),
)
def agent_running(machine: View, ctx: Context) -> Verdict:
    """VM agent installed and reporting.

    Judged: `provisionVMAgent` is not false, running or not; the agent of a running machine is Ready and
    gives its version. A machine that is stopped or deallocated is not applicable. That extensions are
    not allowed is a remark.
    Why: patches, scans and protection are brought to a machine by its agent.
    Fix: restart or repair the agent inside the machine, then az vm reapply -g RG -n VM
    """
    configuration = os_configuration(machine)
    # Azure provides the agent unless it was told not to.
    if configuration is not None and not configuration.flag("provisionVMAgent", default=True):
        return failed("the machine was made without the VM agent", provisionVMAgent=False)
    status = instance_view(machine, ctx)
    state = power_state(status)
    if is_off(state):
        return not_applicable(f"the machine is {state}", powerState=state)
    agent = status.object("vmAgent")
    version = agent.raw("vmAgentVersion")
    if isinstance(version, str) and version.strip().casefold() == "unknown":
        return failed(
            "the agent does not give its version, so it does not report",
            powerState=state,
            vmAgentVersion=version,
        )
    agent.text("vmAgentVersion")
    statuses = agent.items("statuses")
    if not statuses:
        raise agent.unreadable("statuses", "empty")
    shown = statuses[0].text("displayStatus")
    observed: dict[str, Any] = {"powerState": state, "displayStatus": shown}
    if shown.strip().casefold() != "ready":
        return failed(f"the agent is {shown}", **observed)
    extensions = machine.object("properties.osProfile", default={}).flag(
        "allowExtensionOperations", default=True
    )
    remarks = [] if extensions else ["extensions are not allowed on the machine"]
    return passed("the agent is ready", remarks=remarks, **observed)
