"""The control sql-threat-detection: Threat detection (Defender for SQL) is on."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import each_subject, judgements
from assessments.controls.references import Partly, References
from assessments.controls.sql._detection import (
    INSTANCE_NEEDS,
    SERVER_NEEDS,
    Detection,
    instance_detection,
    plan_is_on,
    server_detection,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.sql import MANAGED_INSTANCES, SQL_SERVERS
from assessments.estate.retired import Feature
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az sql server advanced-threat-protection-setting update --resource-group {group} --name {server}"
        " --state Enabled --subscription {subscription}",
        "SQL server:",
        kinds=("microsoft.sql/servers",),
    ),
    command(
        "az sql mi advanced-threat-protection-setting update --resource-group {group} --name {instance}"
        " --state Enabled --subscription {subscription}",
        "Managed instance:",
        kinds=("microsoft.sql/managedinstances",),
    ),
    portal="Azure portal › SQL servers or SQL managed instances › the resource › Security › Microsoft Defender"
    " for Cloud › Enable Microsoft Defender for SQL",
    portal_source="https://learn.microsoft.com/azure/azure-sql/database/azure-defender-for-sql",
    cost="Microsoft Defender for Azure SQL is billed for each server, or for each vCore of an instance.",
    effects="The setting covers this server or instance. To cover the whole subscription instead, turn on the plan for"
    " databases: see the control defender-plan-databases.",
)


@judgements(
    needs=(SQL_SERVERS, *SERVER_NEEDS, *INSTANCE_NEEDS),
    fix=FIX,
    severity=Severity.HIGH,
    feature=Feature.DEFENDER,
    subject_type="Microsoft.Sql/servers, Microsoft.Sql/managedInstances",
    empty_reason="No SQL server or managed instance",
    references=References(
        c2="4.2.1",
        c3="3.1.7.3",
        c4="9.1.7.3",
        c5="8.1.7.3",
        c6="8.1.7.3",
        mcsb="IR-3 IR-5 LT-1 LT-2",
        nist="SI-4 AU-6 IR-4 RA-5",
        partly=(
            Partly(
                "c3 c4 c5 c6",
                (
                    "The requirement asks for the Defender plan of the subscription; the control checks each"
                    " server instead"
                ),
            ),
        ),
    ),
)
def threat_detection(ctx: Context) -> Iterator[Judgement]:
    """Threat detection (Defender for SQL) is on.

    Problem: SQL threat detection switched off
    Expected: Threat detection is enabled, or New while the plan for SQL servers is on
    Judged: The security alert policy of each logical SQL server (or its advanced threat protection setting,
    if Azure no longer offers the policy), and the advanced threat protection setting of each managed
    instance. Enabled passes. New (never changed) passes if the subscription has the Standard plan for SQL servers.
    Everything else fails.
    Why: Without threat detection, nobody notices SQL injection attempts and sign-ins from unusual places.
    """
    yield from each_subject(_judge_server, SQL_SERVERS, ctx)
    yield from each_subject(_judge_instance, MANAGED_INSTANCES, ctx)


def _judge_server(server: View, ctx: Context) -> Verdict:
    return _judge(server, server_detection(server, ctx), ctx, "server")


def _judge_instance(instance: View, ctx: Context) -> Verdict:
    return _judge(instance, instance_detection(instance, ctx), ctx, "instance")


def _judge(subject: View, found: Detection, ctx: Context, kind: str) -> Verdict:
    if found.state == "enabled":
        return passed("Threat detection is on", state="Enabled")
    if found.by_plan:
        return passed(
            "Threat detection is on", remarks=["The plan of the subscription turns it on"], state="New"
        )
    if found.state == "new":
        return failed(f"Threat detection was never applied to this {kind}", state="New")
    return failed(_why_off(subject, ctx, kind), state="Disabled")


def _why_off(subject: View, ctx: Context, kind: str) -> str:
    try:
        switched_off = plan_is_on(subject, ctx)
    except (CollectionUnavailable, Unreadable):
        # The plan affects only the wording: the state Disabled fails whether or not the plan is on.
        switched_off = False
    if switched_off:
        return f"Threat detection is switched off for this {kind}, although the plan is on"
    return "Threat detection is off"
