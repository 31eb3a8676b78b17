"""sql-threat-detection."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, each_subject, judgements
from assessments.controls.sql._detection import (
    INSTANCE_NEEDS,
    NEEDS,
    Detection,
    detection,
    instance_detection,
    plan_is_on,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed
from assessments.estate.collections.sql import MANAGED_INSTANCES, SQL_SERVERS
from assessments.estate.view import Unreadable, View


@judgements(
    needs=(SQL_SERVERS, *NEEDS, *INSTANCE_NEEDS),
    problem="SQL threat detection switched off",
    severity=Severity.HIGH,
    expected="state is Enabled, or New under the Standard plan for SQL servers",
    subject_type="Microsoft.Sql/servers, Microsoft.Sql/managedInstances",
    empty_reason="no SQL server or managed instance",
    references=References(
        c2="4.2.1",
        c3="3.1.7.3",
        c4="9.1.7.3",
        c5="8.1.7.3",
        mcsb="IR-3 IR-5 LT-1 LT-2",
        nist="SI-4 AU-6 IR-4 RA-5",
    ),
)
def threat_detection(ctx: Context) -> Iterator[Judgement]:
    """Threat detection (Defender for SQL) on.

    Judged: each logical SQL server's security alert policy (or, where that resource is not offered any
    more, its advanced threat protection setting), and each managed instance's advanced threat protection
    setting: Enabled passes; New passes under the subscription's Standard plan for SQL servers; everything
    else fails.
    Why: injection attempts and logins from unusual places are noticed by nobody otherwise.
    Fix: az sql server advanced-threat-protection-setting update -g RG -n SERVER --state Enabled
    az sql mi advanced-threat-protection-setting update -g RG -n INSTANCE --state Enabled
    """
    yield from each_subject(_server, SQL_SERVERS, ctx)
    yield from each_subject(_instance, MANAGED_INSTANCES, ctx)


def _server(server: View, ctx: Context) -> Verdict:
    return _judge(server, detection(server, ctx), ctx, "server")


def _instance(instance: View, ctx: Context) -> Verdict:
    return _judge(instance, instance_detection(instance, ctx), ctx, "instance")


def _judge(subject: View, found: Detection, ctx: Context, kind: str) -> Verdict:
    if found.state == "enabled":
        return passed("threat detection is on", state="Enabled")
    if found.by_plan:
        return passed("threat detection is on", remarks=["through the subscription's plan"], state="New")
    if found.state == "new":
        return failed(f"threat detection was never applied to this {kind}", state="New")
    return failed(_why_off(subject, ctx, kind), state="Disabled")


def _why_off(subject: View, ctx: Context, kind: str) -> str:
    try:
        switched_off = plan_is_on(subject, ctx)
    except (CollectionUnavailable, Unreadable):
        # The plan only words the reason: what is Disabled fails with and without it.
        switched_off = False
    return (
        f"switched off for this {kind}, though the plan is on" if switched_off else "threat detection is off"
    )
