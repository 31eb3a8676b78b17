"""The control defender-vm-data-collection: Security data is collected from virtual machines by default."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import per_scope
from assessments.controls.references import Partly, References
from assessments.controls.shared.defender_plans import (
    EXCLUDED_MACHINE,
    INCLUDE_MACHINES,
    MACHINES,
    covers_no_machine,
    covers_some_machines,
    excludes_machines,
    extension_on,
    is_paid,
    plan,
    resources_of,
    setting_is_on,
    sub_plan,
    without_plan,
)
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import AUTO_PROVISIONING, PRICINGS, SECURITY_SETTINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold, name_of
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Cli, Fix, command
from assessments.fixes.facts import Facts

_AGENTLESS = "AgentlessVmScanning"
_EXTENSIONS = ("Microsoft.Compute/virtualMachines/extensions", "Microsoft.HybridCompute/machines/extensions")
# {setting of Defender for Cloud: (right value, machines)}. If the setting has the right value, Defender for Endpoint
# covers the named machines, otherwise not. In new subscriptions, the settings are absent, and Defender for Endpoint
# covers all machines.
# https://learn.microsoft.com/azure/defender-for-cloud/enable-defender-for-endpoint
_PARTS = {
    "WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW": (False, "Linux machines"),
    "WDATP_UNIFIED_SOLUTION": (True, "Windows Server 2012 R2 and 2016"),
}
_RETIRED_AGENTS = {"microsoftmonitoringagent", "omsagentforlinux", "mmaextension", "omsextension"}


def _left_out(facts: Facts) -> list[str]:
    """Return those settings of `_PARTS` with which Defender for Endpoint leaves out some machines, according to the
    finding. A finding contains such settings only if the plan for servers and the setting `WDATP` are on.
    """
    return [setting for setting, (right, _) in _PARTS.items() if facts.observed.get(setting) is (not right)]


def _has_settings_to_change(facts: Facts) -> bool:
    """Return whether the plan for servers or the setting `WDATP` must be changed. Return False if both are right, and
    the finding is only about machines that are left out.
    """
    return not _left_out(facts) and not excludes_machines(facts)


def _include(setting: str, right: bool, machines: str) -> Cli:
    """Return a command for the fix. The command sets `setting` to `right`, the value with which Defender for Endpoint
    covers `machines` too.
    """
    return command(
        f"az security setting update --name {setting} --data-export-settings enabled={str(right).lower()}"
        " --subscription {subscription}",
        f"Have Defender for Endpoint cover {machines} too:",
        when=lambda facts: setting in _left_out(facts),
    )


FIX = Fix(
    command(
        "az security pricing create --name VirtualMachines --tier standard --subplan P2"
        " --extensions name=AgentlessVmScanning isEnabled=True --subscription {subscription}",
        "Turn on Plan 2 (P2) with agentless scanning:",
        when=lambda facts: facts.text("subPlan").casefold() != "p1" and _has_settings_to_change(facts),
    ),
    command(
        "az security pricing create --name VirtualMachines --tier standard --subplan P1"
        " --subscription {subscription}",
        "Or turn on Plan 1 (P1), which has no agentless scanning:",
        when=lambda facts: (
            facts.text("pricingTier").casefold() != "standard" and _has_settings_to_change(facts)
        ),
    ),
    command(
        "az security setting update --name WDATP --data-export-settings enabled=true --subscription {subscription}",
        "Have Defender for Cloud install Defender for Endpoint.",
        when=_has_settings_to_change,
    ),
    *(_include(setting, right, machines) for setting, (right, machines) in _PARTS.items()),
    INCLUDE_MACHINES,
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender"
    " plans › Servers › Settings",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/configure-servers-coverage",
    cost="Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan 1.",
    effects="All machines of the subscription get Defender for Endpoint. Note the other settings of the plan before"
    " the change, and check afterwards that they are the same.",
    variables=(EXCLUDED_MACHINE,),
)


@per_scope(
    needs=(PRICINGS, RESOURCES, SECURITY_SETTINGS, AUTO_PROVISIONING),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "AgentlessVmScanning": "Agentless scanning",
        "WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW": "Linux machines left out of Defender for Endpoint",
        "WDATP_UNIFIED_SOLUTION": "Defender for Endpoint on Windows Server 2012 R2 and 2016",
        "autoProvision": "Automatic provisioning of the retired agent",
    },
    feature=Feature.DEFENDER,
    references=References(
        c2="2.1.15 2.1.22",
        c3="3.1.1.1 3.1.3.2 3.1.3.3 3.1.3.4",
        c4="9.1.3.2 9.1.3.3 9.1.3.4",
        c5="8.1.3.2 8.1.3.3 8.1.3.4",
        c6="8.1.3.2 8.1.3.3 8.1.3.4",
        mcsb="LT-3* PV-5 ES-1",
        nist="AU-12 SI-4 RA-5",
        partly=(
            Partly(
                "c2:2.1.15 c3:3.1.1.1",
                (
                    "The control checks the successors of the Log Analytics agent. The finding shows whether this"
                    " retired agent is provisioned automatically, but the verdict does not depend on it"
                ),
            ),
            Partly(
                "c3:3.1.3.2 c4:9.1.3.2 c5:8.1.3.2 c6:8.1.3.2",
                "The control does not check which solution assesses vulnerabilities, or whether the solution is on",
            ),
            Partly(
                "c3:3.1.3.4 c4:9.1.3.4 c5:8.1.3.4 c6:8.1.3.4",
                "The control passes with Plan 1, which does not offer agentless scanning",
            ),
        ),
    ),
)
def vm_data_collection(ctx: Context) -> Verdict:
    """Security data is collected from virtual machines by default.

    Problem: Security data not collected from virtual machines
    Expected: The plan for servers is on, Defender for Endpoint is on and, with Plan 2, agentless scanning
    is on
    Judged: Applies if the subscription has virtual machines, scale sets or Arc machines. Passes if the plan
    `VirtualMachines` is Standard and Defender for Endpoint is on (the setting `WDATP`). With Plan 2, agentless scanning
    must be on too. A plan without a sub-plan is Plan 2. If Azure does not list the extensions of the plan, the state of
    agentless scanning is unknown. The extension `MdeDesignatedSubscription` does not count, because it concerns
    machines outside Azure.

    Fails if every machine is excluded from the plan, or if Defender for Endpoint does not cover Linux machines (the
    setting `WDATP_EXCLUDE_LINUX_PUBLIC_PREVIEW` is on) or Windows Server 2012 R2 and 2016 (`WDATP_UNIFIED_SOLUTION` is
    off). If these settings are absent, as in subscriptions from after spring 2022, Defender for Endpoint covers these
    machines.

    Automatic provisioning of the retired Log Analytics agent is shown for information only. Remarks say if some
    machines are excluded from the plan, or if retired agents are still installed.
    Why: The weaknesses of a machine, and attacks on it, are visible only if an agent on the machine, or a scan of it,
    reports them.
    """
    machines = resources_of(ctx, MACHINES)
    if not machines:
        return not_applicable("No virtual machine, scale set or Arc machine")
    pricing = plan(ctx, "VirtualMachines")
    if pricing is None:
        return without_plan(ctx, "servers")
    observed: dict[str, Any] = {"autoProvision": _auto_provision(ctx)}
    if not is_paid(pricing):
        return failed("The plan for servers is off (Free)", pricingTier="Free", **observed)
    observed["pricingTier"] = "Standard"
    if covers_no_machine(pricing):
        reason = "The plan for servers is on, but covers no machine"
        return failed(reason, **observed, excludedMachines=machines)
    agentless = extension_on(pricing, _AGENTLESS)
    observed |= {"subPlan": pricing.raw("properties.subPlan"), _AGENTLESS: agentless}
    if not setting_is_on(ctx, "WDATP"):
        return failed("Defender for Endpoint is off", WDATP=False, **observed)
    if parts := _parts_left_out(ctx):
        left_out = " and ".join(_PARTS[setting][1] for setting in parts)
        return failed(f"Defender for Endpoint does not cover {left_out}", **{**observed, **parts})
    # Plan 1 does not offer agentless scanning, so the control requires it only with Plan 2.
    if not agentless and sub_plan(pricing) != "p1":
        # Azure lists all extensions of the plan for servers, even those that are off. So if the list is missing, the
        # state of agentless scanning is unknown, and this line raises Unreadable.
        pricing.items("properties.extensions")
        return failed("Agentless scanning is off in Plan 2", **observed)
    remarks = []
    if covers_some_machines(pricing):
        remarks.append("Some machines are excluded from the plan")
    if retired := _retired_agents(ctx):
        remarks.append(f"Retired agent still installed: {', '.join(retired)}")
    return passed(
        "Defender for Endpoint collects security data from new machines", remarks=remarks, **observed
    )


def _parts_left_out(ctx: Context) -> dict[str, bool]:
    """Return {setting: whether it is on} for those settings of `_PARTS` because of which Defender for Endpoint leaves
    out some machines.
    """
    found = {}
    for document in ctx.partial(SECURITY_SETTINGS)[0]:
        for setting, (right, _) in _PARTS.items():
            if fold(document.name) == fold(setting) and document.flag("properties.enabled") is not right:
                found[setting] = not right
    return dict(sorted(found.items()))


def _auto_provision(ctx: Context) -> str | None:
    """Return whether the retired Log Analytics agent is installed automatically: `On`, `Off`, or None if the setting is
    absent or unreadable. The finding shows this for information only.
    """
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
        # Names of extensions in the inventory have the form `machine/extension`.
        if document is not None and name_of(document.name).casefold() in _RETIRED_AGENTS:
            found.append(identifier)
    return sorted(found, key=str.casefold)
