"""sql-threat-detection."""

from __future__ import annotations

from assessments.controls.context import Context, Unanswered
from assessments.controls.declare import References, per_subject
from assessments.controls.sql._detection import NEEDS, detection, plan_is_on
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections import SQL_SERVERS
from assessments.estate.view import Unreadable, View


@per_subject(
    SQL_SERVERS,
    needs=NEEDS,
    severity=Severity.HIGH,
    expected="state is Enabled, or New under the Standard plan for SQL servers",
    references=References(
        c2="4.2.1",
        c3="3.1.7.3",
        c4="9.1.7.3",
        c5="8.1.7.3",
        mcsb="IR-3 IR-5 LT-1 LT-2",
        nist="SI-4 AU-6 IR-4 RA-5",
    ),
)
def threat_detection(server: View, ctx: Context) -> Verdict:
    """Threat detection (Defender for SQL) on.

    Judged: each logical SQL server's security alert policy (or, where that resource is not offered any
    more, its advanced threat protection setting): Enabled passes; New passes under the subscription's
    Standard plan for SQL servers; everything else fails.
    Why: injection attempts and logins from unusual places are noticed by nobody otherwise.
    Fix: az sql server advanced-threat-protection-setting update -g RG -n SERVER --state Enabled
    """
    found = detection(server, ctx)
    if found.state == "enabled":
        return passed("threat detection is on", state="Enabled")
    if found.by_plan:
        return passed("threat detection is on", remarks=["through the subscription's plan"], state="New")
    if found.state == "new":
        return failed("threat detection was never applied to this server", state="New")
    return failed(_why_off(server, ctx), state="Disabled")


def _why_off(server: View, ctx: Context) -> str:
    try:
        switched_off = plan_is_on(server, ctx)
    except (Unanswered, Unreadable):
        # The plan only words the reason: a server that is Disabled fails with and without it.
        switched_off = False
    return (
        "switched off for this server, though the plan is on" if switched_off else "threat detection is off"
    )
