"""Request triggers of logic apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.controls.listed_cases import in_inventory, rows_of
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ID = f"{RG}/providers/Microsoft.Logic/workflows/logic1"
_POLICY = {
    "policies": {"shop": {"type": "AAD", "claims": [{"name": "iss", "value": "https://sts.windows.net/x/"}]}}
}


def app(**properties: Any) -> dict[str, Any]:
    held = {"state": "Enabled", "triggerTypes": ["Request"], **properties}
    return doc(ID, held, type="Microsoft.Logic/workflows")


def with_logic_app(**properties: Any) -> dict[str, Any]:
    """A logic app with a Request trigger."""
    body = app(**properties)
    return {**in_inventory(body), "logic_workflows": [body]}


def limited(**triggers: Any) -> dict[str, Any]:
    return with_logic_app(accessControl={"triggers": triggers})


def called_by(*ranges: Any) -> dict[str, Any]:
    return limited(allowedCallerIpAddresses=[{"addressRange": text} for text in ranges])


_rows = rows_of("logic_workflows", app())

CASES = _rows(
    "logicapp-triggers",
    ("a network", called_by("203.0.113.0/24"), {ID: "pass"}),
    ("a range", called_by("203.0.113.1-203.0.113.9", "2001:db8::/64"), {ID: "pass"}),
    ("only other logic apps", called_by(), {ID: "pass"}, {"reason": "other logic apps"}),
    ("every address", called_by("0.0.0.0/0"), {ID: "fail"}, {"reason": "the Internet"}),
    ("every address, in parts", called_by("0.0.0.0-127.255.255.255", "128.0.0.0/1"), {ID: "fail"}),
    ("every address of IPv6", called_by("203.0.113.7", "::/0"), {ID: "fail"}),
    ("nothing", with_logic_app(), {ID: "fail"}, {"reason": "Every network"}),
    (
        "no triggers",
        with_logic_app(accessControl={"contents": {"allowedCallerIpAddresses": []}}),
        {ID: "fail"},
    ),
    (
        "sign-in, and signed addresses are off",
        limited(openAuthenticationPolicies=_POLICY, sasAuthenticationPolicy={"state": "disabled"}),
        {ID: "pass"},
    ),
    ("sign-in", limited(openAuthenticationPolicies=_POLICY), {ID: "fail"}, {"remark": "signed address"}),
    (
        "sign-in, and signed addresses are on",
        limited(openAuthenticationPolicies=_POLICY, sasAuthenticationPolicy={"state": "Enabled"}),
        {ID: "fail"},
    ),
    ("no policy", limited(openAuthenticationPolicies={"policies": {}}), {ID: "fail"}),
    (
        "an unknown state of signed addresses",
        limited(openAuthenticationPolicies=_POLICY, sasAuthenticationPolicy={"state": "Moon"}),
        {ID: "unknown"},
    ),
    ("disabled", with_logic_app(state="Disabled"), {ID: "not_applicable"}),
    ("an unknown state", with_logic_app(state="Moon"), {ID: "unknown"}),
    ("no trigger", with_logic_app(triggerTypes=[]), {ID: "not_applicable"}),
    ("another trigger", with_logic_app(triggerTypes=["Recurrence"]), {ID: "not_applicable"}),
    ("an unknown type of trigger", with_logic_app(triggerTypes=["Recurrence", "Moon"]), {ID: "unknown"}),
    ("a Request trigger and an unknown one", with_logic_app(triggerTypes=["Moon", "request"]), {ID: "fail"}),
    ("a trigger without type", with_logic_app(triggerTypes=["Recurrence", None]), {ID: "unknown"}),
    ("no definition", with_logic_app(triggerTypes=None), {ID: "unknown"}),
    ("no address", called_by("everybody"), {ID: "unknown"}),
    ("a number", called_by(7), {ID: "unknown"}),
    ("addresses are text", limited(allowedCallerIpAddresses="203.0.113.7"), {ID: "unknown"}),
)
OFFICIAL_VERDICTS = """
logicapp-triggers not_applicable: test-workflow
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Logic apps › {workflow} › Settings › Workflow settings"
        " › Access control configuration › Allowed inbound IP addresses: Specific IP ranges",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/logic-apps/logic-apps-securing-a-logic-app.md",
            "0006667ca5c4e579f9838a66de6a34ed9e1db330",
            "On your logic app's menu, under Settings, select Workflow settings",
            (
                "In the Access control configuration section, under Allowed inbound IP addresses, choose "
                "the path for your scenario"
            ),
            "select Specific IP ranges, not Only other Logic Apps",
        ),
        not_in_text={"Logic apps": "The list of logic apps, which a reader finds by its name."},
    ),
]
