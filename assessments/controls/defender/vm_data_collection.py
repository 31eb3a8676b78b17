"""defender-vm-data-collection."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_scope
from assessments.controls.defender_plans import MACHINES, extension_on, is_paid, plan, resources_of
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.defender import AUTO_PROVISIONING, PRICINGS, SECURITY_SETTINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.gaps import Reason
from assessments.estate.view import Unreadable

_MDE = "MdeDesignatedSubscription"
_AGENTLESS = "AgentlessVmScanning"
_EXTENSIONS = ("Microsoft.Compute/virtualMachines/extensions", "Microsoft.HybridCompute/machines/extensions")
_RETIRED_AGENTS = {"microsoftmonitoringagent", "omsagentforlinux", "mmaextension", "omsextension"}


@per_scope(
    needs=(PRICINGS, RESOURCES, SECURITY_SETTINGS, AUTO_PROVISIONING),
    problem="Security data not collected from virtual machines",
    severity=Severity.MEDIUM,
    expected="plan VirtualMachines Standard, Defender for Endpoint on, with Plan 2 agentless scanning on",
    references=References(
        c2="2.1.15", c3="3.1.1.1 3.1.3.2 3.1.3.3 3.1.3.4 3.1.3.5", c4="9.1.3.2 9.1.3.3 9.1.3.4 9.1.3.5",
        c5="8.1.3.2 8.1.3.3 8.1.3.4 8.1.3.5", c6="8.1.3.2 8.1.3.3 8.1.3.4 8.1.3.5", mcsb="LT-3* PV-5 ES-1",
        nist="AU-12 SI-4 RA-5",
    ),
)  # fmt: skip
def vm_data_collection(ctx: Context) -> Verdict:
    """Security data is collected from virtual machines by default.

    Judged: where the subscription has virtual machines, scale sets or Arc machines, the plan
    `VirtualMachines` is Standard and Defender for Endpoint is on (setting `WDATP`, or the plan's
    extension for it), and with Plan 2 agentless scanning too. The retired provisioning of the Log
    Analytics agent is shown and decides nothing. Remarks: machines left out of the plan, and a retired
    agent that is still installed.
    Why: what a machine does and lacks is only seen where something on it, or a scan of it, reports.
    Fix: az security pricing create -n VirtualMachines --tier standard --subplan P2 --extensions
    name=AgentlessVmScanning isEnabled=True; az security setting update -n WDATP --enabled true
    """
    if not resources_of(ctx, MACHINES):
        return not_applicable("no virtual machine, scale set or Arc machine")
    pricing = plan(ctx, "VirtualMachines")
    if pricing is None:
        return unknown("Azure listed no plan for servers", Reason.MISSING_FIELD)
    observed: dict[str, Any] = {"autoProvision": _auto_provision(ctx)}
    if not is_paid(pricing):
        return failed("the plan for servers is off (Free)", pricingTier="Free", **observed)
    observed["pricingTier"] = "Standard"
    agentless = extension_on(pricing, _AGENTLESS)
    observed |= {"subPlan": pricing.raw("properties.subPlan"), _AGENTLESS: agentless}
    # With agentless scanning on, both sub-plans demand the same.
    sub_plan = pricing.raw("properties.subPlan")
    if not agentless and isinstance(sub_plan, str) and sub_plan.casefold() != "p1":
        return failed("agentless scanning is off in Plan 2", **observed)
    if not extension_on(pricing, _MDE) and not _wdatp(ctx):
        return failed("Defender for Endpoint is off", WDATP=False, **observed)
    if not agentless:
        pricing.text("properties.subPlan")
    remarks = []
    if pricing.text("properties.resourcesCoverageStatus", default="").casefold() == "partiallycovered":
        remarks.append("some machines are left out of the plan")
    if retired := _retired_agents(ctx):
        remarks.append(f"retired agent still installed: {', '.join(retired)}")
    return passed("Defender for Endpoint collects security data of new machines", remarks=remarks, **observed)


def _wdatp(ctx: Context) -> bool:
    documents, gaps = ctx.partial(SECURITY_SETTINGS)
    for document in documents:
        if document.name.casefold() == "wdatp":
            return document.flag("properties.enabled")
    if gaps:
        raise CollectionUnavailable(gaps[0])
    return False


def _auto_provision(ctx: Context) -> str | None:
    """What the retired setting says; for information, so a gap is None."""
    for document in ctx.partial(AUTO_PROVISIONING)[0]:
        try:
            return document.text("properties.autoProvision")
        except Unreadable:
            return None
    return None


def _retired_agents(ctx: Context) -> list[str]:
    found = []
    for identifier in resources_of(ctx, _EXTENSIONS):
        document = ctx.find(RESOURCES, identifier)
        if document is not None and document.name.casefold() in _RETIRED_AGENTS:
            found.append(identifier)
    return sorted(found, key=str.casefold)
