"""Defender for IoT, exports of alerts, and the external attack surface."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.defender.documents import SECURITY, VM, resource
from tests.assessments.controls.judging import DIRECTORY, RG, SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

IOT, EXPORT, EASM = "defender-iot", "defender-alerts-exported", "defender-easm"
HUB = resource("Microsoft.Devices/IotHubs", "hub")
ID = HUB["id"]


def solution(*hubs: str, status: Any = "Enabled", name: str = "s", **more: Any) -> dict[str, Any]:
    identifier = f"{RG}/providers/Microsoft.Security/iotSecuritySolutions/{name}"
    return doc(identifier, {"status": status, "iotHubs": list(hubs), **more})


def hubs(*solutions: Any, resources: Any = (HUB,)) -> dict[str, Any]:
    return {"resources": list(resources), "iot_solutions": {SUB: list(solutions)}}


def rule(value: Any = "High", path: Any = "Severity", operator: Any = "Equals") -> dict[str, Any]:
    return {"propertyJPath": path, "propertyType": "String", "expectedValue": value, "operator": operator}


def source(*rule_sets: Any, kind: Any = "Alerts") -> dict[str, Any]:
    return {"eventSource": kind, "ruleSets": [{"rules": list(rules)} for rules in rule_sets]}


def automation(
    *sources: Any, on: Any = True, scope: Any = SUB, actions: Any = ("Workspace",), name: str = "export"
) -> dict[str, Any]:
    return doc(
        f"{RG}/providers/Microsoft.Security/automations/{name}",
        {
            "isEnabled": on,
            "scopes": [{"description": "scope", "scopePath": scope}],
            "sources": list(sources),
            "actions": [{"actionType": action} for action in actions],
        },
    )


def exported(*automations: Any) -> dict[str, Any]:
    return {"security_automations": {SUB: list(automations)}}


LEVELS = source([rule("High")], [rule("medium")], [rule("Low")])
POLICY = {"authorization_policy": [{"id": "authorizationPolicy"}]}
WORKSPACE = doc(f"{RG}/providers/Microsoft.Easm/workspaces/w", {"provisioningState": "Succeeded"})

CASES = [
    *rows(
        IOT,
        ("covered", hubs(solution(ID)), {ID: "pass"}, {"no_remark": "data sources"}),
        ("covered, in other letters", hubs(solution(ID.upper(), status="enabled")), {ID: "pass"}),
        ("by the second", hubs(solution(), solution("x", ID, name="t")), {ID: "pass"}),
        (
            "without some data",
            hubs(solution(ID, disabledDataSources=["TwinData"])),
            {ID: "pass"},
            {"remark": "out"},
        ),
        ("disabled", hubs(solution(ID, status="Disabled")), {ID: "fail"}, {"reason": "disabled"}),
        ("another hub", hubs(solution(f"{ID}2")), {ID: "fail"}),
        ("none", hubs(), {ID: "fail"}),
        ("a new status", hubs(solution(ID, status="Paused")), {ID: "unknown"}),
        (
            "hubs absent",
            hubs(doc(f"{SECURITY}/iotSecuritySolutions/s", {"status": "Enabled"})),
            {ID: "unknown"},
        ),
        ("no hubs", hubs(resources=[VM]), {SUB: "not_applicable"}),
        ("forbidden", {"resources": [HUB]}, {ID: "unknown"}, {"gaps": [gap("iot_solutions")]}),
        ("inventory forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("resources")]}),
    ),
    *rows(
        EXPORT,
        ("all alerts", exported(automation(source())), {SUB: "manual"}, {"no_remark": "logic app"}),
        ("each severity", exported(automation(LEVELS)), {SUB: "manual"}),
        ("an empty rule set", exported(automation(source([]))), {SUB: "manual"}),
        (
            "logic app",
            exported(automation(source(), actions=["LogicApp"])),
            {SUB: "manual"},
            {"remark": "logic app"},
        ),
        (
            "logic app, and each severity to a workspace",
            exported(
                automation(source(), actions=["LogicApp"], name="one"),
                automation(source([rule("High")]), name="two"),
                automation(source([rule("Medium")]), name="three"),
            ),
            {SUB: "manual"},
            {"no_remark": "logic app"},
        ),
        (
            "logic app, and one severity to a workspace",
            exported(
                automation(source(), actions=["LogicApp"], name="one"),
                automation(source([rule("High")]), name="two"),
            ),
            {SUB: "manual"},
            {"remark": "Only a logic app receives the alerts of medium"},
        ),
        ("scope without a slash", exported(automation(source(), scope=SUB.lstrip("/"))), {SUB: "manual"}),
        (
            "high severity only",
            exported(automation(source([rule("High")]))),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        (
            "other events",
            exported(automation(source(kind="Assessments"))),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        (
            "a resource group",
            exported(automation(source(), scope=RG)),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        (
            "switched off",
            exported(automation(source(), on=False)),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        (
            "two automations together",
            exported(
                automation(source([rule("High")]), name="one"),
                automation(source([rule("Medium")], [rule("Low")]), name="two", actions=["EventHub"]),
            ),
            {SUB: "manual"},
            {"reason": "Attest that somebody watches the exported alerts", "no_remark": "logic app"},
        ),
        (
            "two automations together, one to a logic app",
            exported(
                automation(source([rule("High")]), name="one"),
                automation(source([rule("Medium")]), name="two", actions=["LogicApp"]),
            ),
            {SUB: "manual"},
            {"reason": "the exported alerts", "remark": "Only a logic app receives the alerts of medium"},
        ),
        (
            "two sources of an automation together",
            exported(automation(source([rule("High")]), source([rule("Medium")]))),
            {SUB: "manual"},
            {"reason": "the exported alerts"},
        ),
        (
            "two automations with the same severity",
            exported(
                automation(source([rule("High")]), name="one"), automation(source([rule("High")]), name="two")
            ),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        (
            "a severity missing, and another condition",
            exported(
                automation(source([rule("High")]), name="one"),
                automation(source([rule("Medium"), rule("VM", "AlertType")]), name="two"),
            ),
            {SUB: "unknown"},
            {"reason": "does not evaluate"},
        ),
        (
            "together, with another condition in a third",
            exported(
                automation(source([rule("High")]), name="one"),
                automation(source([rule("Medium")]), name="two"),
                automation(source([rule("VM", "AlertType")]), name="three"),
            ),
            {SUB: "manual"},
            {"reason": "the exported alerts"},
        ),
        (
            "without a destination",
            exported(automation(source(), actions=[])),
            {SUB: "manual"},
            {"reason": "no automation"},
        ),
        ("none", exported(), {SUB: "manual"}, {"reason": "Microsoft Sentinel"}),
        ("isEnabled absent", exported(automation(source(), on=None)), {SUB: "unknown"}),
        ("a new action", exported(automation(source(), actions=["Fax"])), {SUB: "unknown"}),
        (
            "another condition",
            exported(automation(source([rule("High"), rule("VM", "AlertType")]))),
            {SUB: "unknown"},
            {"reason": "does not evaluate"},
        ),
        (
            "another condition beside each severity",
            exported(
                automation(source([rule("High"), rule("VM", "AlertType")], [rule("High")], [rule("Medium")]))
            ),
            {SUB: "manual"},
            {"no_remark": "does not evaluate"},
        ),
        (
            "another condition in one source, all alerts in the other",
            exported(automation(source([rule("VM", "AlertType")]), source())),
            {SUB: "manual"},
            {"no_remark": "does not evaluate"},
        ),
        (
            "another operator",
            exported(automation(source([rule("High", operator="Contains")]))),
            {SUB: "unknown"},
        ),
        ("forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("security_automations")]}),
    ),
    *rows(
        EASM,
        (
            "a workspace",
            {**POLICY, "easm_workspaces": [WORKSPACE]},
            {DIRECTORY: "manual"},
            {"no_remark": "No sub"},
        ),
        (
            "none",
            {**POLICY, "easm_workspaces": {SUB: []}},
            {DIRECTORY: "manual"},
            {"remark": "No subscription has"},
        ),
        (
            "forbidden",
            POLICY,
            {DIRECTORY: "manual"},
            {"gaps": [gap("easm_workspaces")], "remark": "permission"},
        ),
    ),
]
IMPOSSIBLE = {
    EXPORT: {
        "pass": "a person attests that somebody watches",
        "fail": "connectors of other products, which are not read, can receive the alerts",
        "not_applicable": "every subscription can have alerts",
    },
    EASM: dict.fromkeys(("pass", "fail", "not_applicable", "unknown"), "a person attests it"),
}
ABSENCE_PASSES = [(IOT, r"properties\.disabledDataSources(\[\])?", "no data source is left out")]
OFFICIAL_VERDICTS = """
defender-alerts-exported manual: unit
defender-easm manual: unit
defender-iot pass: FirstIotHub
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Microsoft Defender for Cloud › Environment settings › {subscription} › Continuous export",
        DocsFile(
            "MicrosoftDocs/defender-docs/articles/defender-for-cloud/continuous-export.md",
            "0eb3014de5f3701dc821ca9e829df976cc22ce86",
            "On the Defender for Cloud resource menu, select Environment settings",
            "select Continuous export",
            "Microsoft Defender for Cloud",
        ),
    ),
    ComparedPath(
        "Azure portal › Microsoft Defender EASM › Create",
        DocsFile(
            (
                "MicrosoftDocs/azure-docs/articles/external-attack-surface-management/"
                "deploying-the-defender-easm-azure-resource.md"
            ),
            "07e8a1d05368cebff601032cf05968463def1704",
            "In the search box, enter Microsoft Defender EASM",
            "Select Create to create a Defender EASM resource",
        ),
    ),
    ComparedPath(
        "Azure portal › IoT Hub › {hub} › Defender for IoT › Overview › Secure your IoT solution",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/defender-for-iot/device-builders/quickstart-onboard-iot-hub.md",
            "0e07fa56fd0d8372742a61410d337796f1b87d24",
            "Navigate to IoT Hub > Your hub > Defender for IoT > Overview",
            "Select Secure your IoT solution, and complete the onboarding form",
        ),
    ),
]
