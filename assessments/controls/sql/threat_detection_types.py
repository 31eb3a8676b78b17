"""The control sql-threat-detection-types: Every type of SQL threat detection is on."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.sql._alert_policy import ALERT_POLICY
from assessments.controls.sql._detection import SERVER_NEEDS, policy_of, server_detection
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.sql import SQL_SERVERS
from assessments.estate.retired import Feature
from assessments.estate.view import View

FIX = ALERT_POLICY


@per_subject(
    SQL_SERVERS,
    needs=SERVER_NEEDS,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"disabledAlerts": "Disabled detection types"},
    feature=Feature.DEFENDER,
    references=References(mcsb="LT-1", nist="SI-4"),
)
def threat_detection_types(server: View, ctx: Context) -> Verdict:
    """Every type of SQL threat detection is on.

    Problem: SQL threat detection types switched off
    Expected: No type of detection is disabled
    Judged: Each logical SQL server with threat detection on. Passes if `disabledAlerts` of its security
    alert policy is empty; blank entries do not count.
    Why: An attack of a disabled type raises no alert.
    """
    found = server_detection(server, ctx)
    if not found.on:
        return not_applicable("Threat detection is off", state=found.state)
    entries = policy_of(server, found, ctx).texts("properties.disabledAlerts")
    disabled_types = sorted(kind.strip() for kind in entries if kind.strip())
    if disabled_types:
        labels = ", ".join(kind.replace("_", " ") for kind in disabled_types)
        return failed(f"Disabled detection types: {labels}", disabledAlerts=disabled_types)
    return passed("Every type of detection is on", disabledAlerts=[])
