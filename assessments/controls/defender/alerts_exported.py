"""The control defender-alerts-exported: Security alerts are exported to a place that somebody watches.

Sources: https://learn.microsoft.com/rest/api/defenderforcloud/automations (2023-12-01-preview) and
https://learn.microsoft.com/azure/defender-for-cloud/continuous-export
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, manual
from assessments.estate.collections.defender import AUTOMATIONS
from assessments.estate.ids import fold
from assessments.estate.retired import Feature
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice

_ACTIONS: Final = frozenset({"eventhub", "workspace", "logicapp"})
_LEVELS: Final = frozenset({"high", "medium"})
_SEVERITIES: Final = _LEVELS | {"low", "informational"}
# The values of `EventSource` in the specification of Microsoft.Security/automations
_EVENTS: Final = frozenset(
    {
        "alerts",
        "assessments",
        "assessmentssnapshot",
        "attackpaths",
        "attackpathssnapshot",
        "regulatorycomplianceassessment",
        "regulatorycomplianceassessmentsnapshot",
        "securescorecontrols",
        "securescorecontrolssnapshot",
        "securescores",
        "securescoressnapshot",
        "subassessments",
        "subassessmentssnapshot",
    }
)


@per_scope(
    needs=(AUTOMATIONS,),
    severity=Severity.LOW,
    labels={"automations": "Automations that export alerts"},
    feature=Feature.DEFENDER,
    references=References(
        c5="8.1.5.2",
        c6="8.1.5.2",
        mcsb="LT-5*",
        nist="AU-6*",
        partly=(
            Partly(
                "c5 c6",
                "A person attests that somebody watches the alerts; the control only lists the exports",
            ),
        ),
    ),
    fix=Fix(
        advice(
            "Export alerts of high and medium severity to the workspace or event hub that somebody watches. Then"
            " attest in Surety that somebody watches them. If Microsoft Sentinel or Microsoft Defender XDR receives the"
            " alerts with its own connector, no export is needed."
        ),
        portal="Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Continuous"
        " export",
        portal_source="https://learn.microsoft.com/azure/defender-for-cloud/continuous-export",
        cost="Azure bills the workspace or event hub by the amount of data.",
    ),
    is_manual=True,
    answer=Answer(days=180),
)
def alerts_exported(ctx: Context) -> Verdict:
    """Security alerts are exported to a place that somebody watches.

    Problem: Watching of security alerts not confirmed
    Expected: An attestation, at most 180 days old, that somebody watches the alerts
    Judged: Needs an attestation, at most 180 days old, that somebody watches the alerts. The finding names the enabled
    automations of Defender for Cloud that send the alerts of the whole subscription, with high and medium severity, to
    an event hub, a workspace or a logic app. A remark says if only a logic app receives the alerts. Microsoft Sentinel
    and Microsoft Defender XDR receive the alerts without an automation; their connectors are not read.
    Why: An alert that nobody sees does not stop an attack.
    """
    automations, gaps = ctx.partial(AUTOMATIONS)
    sinks: set[str] = set()
    names: list[str] = []
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    for automation in automations:
        try:
            if found := _sinks(automation, ctx.scope_id):
                sinks |= found
                names.append(automation.id)
        except Unreadable as problem:
            error = error or problem
    if sinks:
        return manual(
            "Attest that somebody watches the exported alerts",
            remarks=["Only a logic app receives the alerts"] if sinks == {"logicapp"} else [],
            automations=sorted(names),
        )
    if error is not None:
        raise error
    # Microsoft Sentinel and Microsoft Defender XDR receive the alerts without an automation:
    # https://learn.microsoft.com/azure/sentinel/connect-defender-for-cloud and
    # https://learn.microsoft.com/defender-xdr/microsoft-365-security-center-defender-cloud
    return manual(
        "Attest that somebody watches the alerts, for example in Microsoft Sentinel: no automation exports all alerts"
        " of high and medium severity",
        automations=[],
    )


def _sinks(automation: View, scope: str) -> set[str]:
    """Return the kinds of destinations to which the automation sends all alerts of high and medium severity in the
    subscription. Return an empty set if the automation is disabled, or does not send all these alerts. Raise Unreadable
    if a needed property cannot be read.
    """
    properties = automation.object("properties")
    if not properties.flag("isEnabled"):
        return set()
    scopes = [fold(one.text("scopePath")).strip("/") for one in properties.items("scopes")]
    if fold(scope).strip("/") not in scopes:
        return set()
    sources = [one for one in properties.items("sources") if one.choice("eventSource", _EVENTS) == "alerts"]
    admitted = [_admits(source) for source in sources]
    if True not in admitted:
        if None not in admitted:
            return set()
        reason = f"Surety does not evaluate the conditions of the automation {automation.name}"
        raise Undecided(automation.id, "properties.sources", reason)
    return {action.choice("actionType", _ACTIONS) for action in properties.items("actions")}


def _admits(source: View) -> bool | None:
    """Return whether the rule sets of a source let through alerts of high and of medium severity. A source without rule
    sets lets all alerts through. Return None if this depends on conditions other than the severity.
    """
    rule_sets = source.items("ruleSets", default=[])
    if not rule_sets:
        return True
    severities = set()
    has_conditions = False
    for rule_set in rule_sets:
        rules = rule_set.items("rules")
        if not rules:
            return True
        if len(rules) == 1 and _is_severity(rules[0]):
            severities.add(rules[0].choice("expectedValue", _SEVERITIES))
        else:
            has_conditions = True
    if severities >= _LEVELS:
        return True
    return None if has_conditions else False


def _is_severity(rule: View) -> bool:
    """Return whether a rule compares only the severity of an alert, and admits exactly one severity."""
    path = rule.text("propertyJPath").casefold().rpartition(".")[2]
    return path == "severity" and rule.text("operator").casefold() == "equals"
