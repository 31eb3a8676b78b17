"""Runtime version and monitoring of function apps."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.webapp.apps import ID, NO_LIST, NONE, RESOURCES, app, one

FUNCTION = "functionapp,linux"
COMPONENT = f"{RG}/providers/microsoft.insights/components/appi"
OTHER = COMPONENT.replace("10000000-", "20000000-")
FLEX = {"functionAppConfig": {"runtime": {"name": "python", "version": "3.12"}}}
TAG = "hidden-link: /app-insights-resource-id"


def tagged(component: Any, tag: str = TAG, **more: Any) -> dict[str, Any]:
    """A function app whose tag `tag` has the value `component`. The inventory contains this app and one Application
    Insights component, `COMPONENT`.
    """
    docs = one(app(kind=FUNCTION, top={"tags": {"team": "shop", tag: component}}))
    return docs | {"resources": [RESOURCES[0], doc(COMPONENT, type="microsoft.insights/components")], **more}


CASES = [
    *rows(
        "function-runtime",
        ("Flex Consumption", one(app(kind=FUNCTION, **FLEX)), {ID: "pass"}, {"reason": "Flex"}),
        ("Container Apps", one(app(kind="functionapp,linux,azurecontainerapps")), {ID: "pass"}),
        ("another plan", one(app(kind=FUNCTION)), {ID: "manual"}),
        ("a logic app", one(app(kind="functionapp,workflowapp")), {ID: "manual"}),
        (
            "text for Flex Consumption",
            one(app(kind=FUNCTION, functionAppConfig={"runtime": 1})),
            {ID: "unknown"},
        ),
        ("a web app", one(app()), "not_applicable"),
        NO_LIST,
        NONE,
    ),
    *rows(
        "function-app-insights",
        ("connected", tagged(COMPONENT), {ID: "pass"}),
        ("in capital letters", tagged(COMPONENT.upper(), TAG.upper()), {ID: "pass"}),
        ("no longer there", tagged(f"{COMPONENT}2"), {ID: "fail"}),
        ("of another subscription", tagged(OTHER), {ID: "manual"}, {"reason": "the other subscription"}),
        ("another tag", tagged(COMPONENT, "hidden-link: /other"), {ID: "manual"}),
        ("no tags", one(app(kind=FUNCTION)), {ID: "manual"}),
        ("empty", tagged(""), {ID: "manual"}),
        ("no id", tagged("appi"), {ID: "unknown"}),
        ("a number", tagged(1), {ID: "unknown"}),
        ("a web app", one(app()), "not_applicable"),
        (
            "the inventory is incomplete",
            one(app(kind=FUNCTION, top={"tags": {TAG: COMPONENT}})),
            {ID: "unknown"},
            {"gaps": [gap("resources")]},
        ),
        NO_LIST,
        NONE,
    ),
]

IMPOSSIBLE = {
    "function-runtime": {"fail": "The version is in the settings of the app, which Surety does not read"}
}
OFFICIAL_VERDICTS = """
function-app-insights not_applicable: unit
function-runtime not_applicable: unit
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Function App › {app} › Application Insights is not configured",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-functions/configure-monitoring.md",
            "04a6c8388a67bf2c99c32431acc9a4ee73ef4415",
            "search for and select function app, and then choose your function app",
            "Select the Application Insights is not configured banner",
        ),
    ),
    ComparedPath(
        "Azure portal › Function App › {app} › Settings › Environment variables",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-functions/configure-monitoring.md",
            "04a6c8388a67bf2c99c32431acc9a4ee73ef4415",
            "search for and select function app, and then choose your function app",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-functions/functions-how-to-use-azure-function-app-settings.md",
            "030d2016b7bbd03cb586852ff869bf5cc2767ee9",
            "Under Settings in the left pane",
        ),
        not_in_text={
            "Environment variables": (
                "the portal's page of app settings, which was the tab Application settings of Configuration "
                "before: "
                "https://learn.microsoft.com/training/modules/configure-web-app-settings/2-configure-application-settings"
            ),
        },
    ),
]
