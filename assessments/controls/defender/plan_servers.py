"""The control defender-plan-servers: Defender plan for servers is on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, judge, judgements
from assessments.controls.references import References
from assessments.controls.shared.defender_plans import (
    EXCLUDED_MACHINE,
    INCLUDE_MACHINES,
    MACHINES,
    covers_every_machine,
    covers_no_machine,
    covers_some_machines,
    excludes_machines,
    is_paid,
    plan,
    plan_id,
    resources_of,
    sub_plan,
    without_plan,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.retired import Feature
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

_PLAN = "VirtualMachines"


FIX = Fix(
    command(
        "az security pricing create --name VirtualMachines --tier standard --subplan P2"
        " --subscription {subscription}",
        "Turn on Plan 2 (P2). If endpoint protection is enough, replace P2 with P1 in the command:",
        when=lambda facts: not excludes_machines(facts),
    ),
    INCLUDE_MACHINES,
    portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Defender plans ›"
    " Servers › On",
    portal_source="https://learn.microsoft.com/azure/defender-for-cloud/tutorial-enable-servers-plan",
    cost="Defender for Servers is billed for each machine and hour. Plan 2 costs more than Plan 1.",
    # https://learn.microsoft.com/azure/defender-for-cloud/enable-defender-for-endpoint
    effects="The plan covers all machines of the subscription, including new ones. By default, Defender for Cloud also"
    " installs Defender for Endpoint on these machines. You may have to remove another protection product first.",
    variables=(EXCLUDED_MACHINE,),
)


@judgements(
    needs=(PRICINGS, RESOURCES),
    fix=FIX,
    severity=Severity.HIGH,
    labels={"inherited": "Set by a management group"},
    feature=Feature.DEFENDER,
    subject_type="Microsoft.Security/pricings",
    empty_reason="No Defender plan",
    references=References(
        c2="2.1.1",
        c3="3.1.3.1",
        c4="9.1.3.1",
        c5="8.1.3.1",
        c6="8.1.3.1",
        mcsb="ES-1 IR-3 IR-5 LT-1 LT-2",
        nist="RA-5 SI-2 SI-4 IR-4 AU-6",
    ),
    parameters=(
        Parameter(
            "min_subplan",
            "P1",
            "Lowest accepted sub-plan",
            label="Lowest accepted sub-plan",
            choices=("P1", "P2"),
        ),
    ),
)
def plan_servers(ctx: Context) -> Iterator[Judgement]:
    """Defender plan for servers is on.

    Problem: Servers not protected by Defender for Cloud
    Expected: The plan for servers is on, with sub-plan {min_subplan} or higher
    Judged: Applies if the subscription has virtual machines, scale sets or Arc machines. Passes if the plan
    `VirtualMachines` is Standard, and fails if it is Free. If `min_subplan` is P2, the sub-plan must be P2 or absent,
    because a plan without a sub-plan is Plan 2.

    A plan that is Standard but covers no machine, because each machine is excluded, fails. A plan that covers only some
    machines passes with a remark. A plan that is Free fails even if some or all machines have the plan by their own
    settings, because new machines do not get it. A remark says so.

    If Azure lists other plans but not this one, the result is unknown. If Azure lists no plan at all, Defender is not
    registered, so the plan is off.
    Why: Without the plan, attacks on machines and weaknesses of machines go unreported.
    """
    yield judge(ctx, plan_id(ctx, _PLAN), partial(_judge, ctx))


def _judge(ctx: Context) -> Verdict:
    machines = resources_of(ctx, MACHINES)
    if not machines:
        return not_applicable("No virtual machine, scale set or Arc machine")
    pricing = plan(ctx, _PLAN)
    if pricing is None:
        return without_plan(ctx, "servers", machines=len(machines))
    observed = {
        "machines": len(machines),
        "subPlan": pricing.raw("properties.subPlan"),
        "inherited": pricing.raw("properties.inherited"),
    }
    pricing.raw("properties.freeTrialRemainingTime")
    if not is_paid(pricing):
        remarks = _remarks_on_machine_settings(pricing)
        return failed("The plan for servers is off (Free)", remarks=remarks, pricingTier="Free", **observed)
    if ctx.params["min_subplan"] == "P2" and sub_plan(pricing) != "p2":
        return failed("The plan for servers is on, but not Plan 2", pricingTier="Standard", **observed)
    if covers_no_machine(pricing):
        reason = "The plan for servers is on, but covers no machine"
        return failed(reason, pricingTier="Standard", **observed, excludedMachines=machines)
    remarks = ["Some machines are excluded from the plan"] if covers_some_machines(pricing) else []
    return passed("The plan for servers is on", remarks=remarks, pricingTier="Standard", **observed)


def _remarks_on_machine_settings(pricing: View) -> list[str]:
    """Return a remark if machines have the plan although the plan is off for the subscription as a whole."""
    share = "All" if covers_every_machine(pricing) else "Some" if covers_some_machines(pricing) else ""
    return (
        [f"{share} machines have the plan by a setting of their own; new machines do not get it"]
        if share
        else []
    )
