"""sql-threat-detection-types."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.sql._detection import NEEDS, detection, policy_of
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.view import View


@per_subject(
    SQL_SERVERS,
    needs=NEEDS,
    problem="SQL threat detection types switched off",
    severity=Severity.MEDIUM,
    expected="disabledAlerts is empty",
    references=References(mcsb="LT-1", nist="SI-4"),
)
def threat_detection_types(server: View, ctx: Context) -> Verdict:
    """No detection type switched off.

    Judged: each logical SQL server with threat detection on: `disabledAlerts` of its security alert
    policy has to be empty (blank entries do not count).
    Why: an attack of a kind that is switched off raises no alert.
    Fix: az rest --method put --url SERVER_ID/securityAlertPolicies/Default?api-version=2021-11-01
    --body '{"properties":{"state":"Enabled","disabledAlerts":[]}}'
    """
    found = detection(server, ctx)
    if not found.on:
        return not_applicable("threat detection is off", state=found.state)
    disabled = policy_of(server, found, ctx).texts("properties.disabledAlerts")
    off = sorted(kind.strip() for kind in disabled if kind.strip())
    if off:
        return failed(f"switched off: {', '.join(off)}", disabledAlerts=off)
    return passed("every type of detection is on", disabledAlerts=[])
