"""The control defender-alerts-exported: Security alerts are exported to a place that somebody watches.

Sources: https://learn.microsoft.com/rest/api/defenderforcloud/automations (2023-12-01-preview) and
https://learn.microsoft.com/azure/defender-for-cloud/continuous-export
"""

from __future__ import annotations

from dataclasses import dataclass
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
_ONLY_LOGIC_APP: Final = {
    "high": "Only a logic app receives the alerts of high severity",
    "medium": "Only a logic app receives the alerts of medium severity",
}
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
    Judged: Needs an attestation, at most 180 days old, that somebody watches the alerts. The finding names each
    enabled automation of Defender for Cloud that sends all alerts of high and medium severity of the whole subscription
    to an event hub, a workspace or a logic app. If no automation does so alone, the finding names the automations that
    do so together. A remark says if the alerts, or the alerts of one severity, go only to a logic app. Microsoft
    Sentinel and Microsoft Defender XDR receive the alerts without an automation; their connectors are not read.
    Why: An alert that nobody sees does not stop an attack.
    """
    automations, gaps = ctx.partial(AUTOMATIONS)
    exports: list[_Export] = []
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gaps[0]) if gaps else None
    for automation in automations:
        try:
            found = _export(automation, ctx.scope_id)
        except Unreadable as problem:
            error = error or problem
            continue
        if found.severities:
            exports.append(found)
        error = error or found.undecided
    # Name only the automations that export the alerts of both severities. If there are none, name all automations,
    # because together they may export the alerts of both severities.
    named = [export for export in exports if export.severities == _LEVELS] or exports
    if {severity for export in named for severity in export.severities} == _LEVELS:
        return manual(
            "Attest that somebody watches the exported alerts",
            remarks=_only_logic_apps(exports),
            automations=sorted(export.automation for export in named),
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


@dataclass(frozen=True, slots=True)
class _Export:
    """The alerts that an automation exports.

    - `severities`: of the severities high and medium, those whose alerts are all exported
    - `sinks`: the kinds of destinations; empty if the automation exports no alerts
    - `undecided`: an error if the automation may export further alerts, depending on conditions that Surety does not
      evaluate
    """

    automation: str
    severities: frozenset[str] = frozenset()
    sinks: frozenset[str] = frozenset()
    undecided: Undecided | None = None


def _export(automation: View, scope: str) -> _Export:
    """Return which alerts of the whole subscription the automation exports. A disabled automation, and one that does
    not cover the whole subscription, exports none. Raise Unreadable if a needed property cannot be read.
    """
    properties = automation.object("properties")
    if not properties.flag("isEnabled"):
        return _Export(automation.id)
    scopes = [fold(one.text("scopePath")).strip("/") for one in properties.items("scopes")]
    if fold(scope).strip("/") not in scopes:
        return _Export(automation.id)
    sources = [one for one in properties.items("sources") if one.choice("eventSource", _EVENTS) == "alerts"]
    admitted = [_admitted(source) for source in sources]
    severities = frozenset(severity for found, _ in admitted for severity in found)
    undecided = None
    if severities != _LEVELS and any(has_conditions for _, has_conditions in admitted):
        reason = f"Surety does not evaluate the conditions of the automation {automation.name}"
        undecided = Undecided(automation.id, "properties.sources", reason)
    actions = properties.items("actions") if severities else []
    sinks = frozenset(action.choice("actionType", _ACTIONS) for action in actions)
    return _Export(automation.id, severities if sinks else frozenset(), sinks, undecided)


def _admitted(source: View) -> tuple[frozenset[str], bool]:
    """Return two values about a source of an automation.

    The first value is a set. It contains “high” if the source lets through all alerts of high severity, and “medium” if
    it lets through all alerts of medium severity. The second value is whether the source has other conditions, which
    may let further alerts through. A source without rule sets lets all alerts through.
    """
    rule_sets = source.items("ruleSets", default=[])
    if not rule_sets:
        return _LEVELS, False
    severities = set()
    has_conditions = False
    for rule_set in rule_sets:
        rules = rule_set.items("rules")
        if not rules:
            return _LEVELS, False
        if len(rules) == 1 and _is_severity(rules[0]):
            severities.add(rules[0].choice("expectedValue", _SEVERITIES))
        else:
            has_conditions = True
    return _LEVELS & severities, has_conditions


def _only_logic_apps(exports: list[_Export]) -> list[str]:
    """Return a remark if alerts of some severity are sent only to logic apps."""
    by_severity = {
        severity: frozenset[str]().union(*(one.sinks for one in exports if severity in one.severities))
        for severity in sorted(_LEVELS)
    }
    only = [severity for severity, sinks in by_severity.items() if sinks == {"logicapp"}]
    if len(only) == len(_LEVELS):
        return ["Only a logic app receives the alerts"]
    return [_ONLY_LOGIC_APP[severity] for severity in only]


def _is_severity(rule: View) -> bool:
    """Return whether a rule compares only the severity of an alert, and admits exactly one severity."""
    path = rule.text("propertyJPath").casefold().rpartition(".")[2]
    return path == "severity" and rule.text("operator").casefold() == "equals"
