"""Controls of the runtime version and the monitoring of function apps. Both are in the application settings, which
Surety does not read. So the controls judge other properties, or need an attestation.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
(Site)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.controls.webapp._apps import APP, NO_FUNCTION_APPS, SITE, SLOT, TYPE
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.collections.webapp import WEB_SITES, WEB_SLOTS
from assessments.estate.ids import fold, subscription_of
from assessments.estate.services.web_apps import is_function_app, is_on_container_apps
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_LEARN: Final = "https://learn.microsoft.com/azure/azure-functions"
_PORTAL: Final = "Azure portal › Function App › {app} ›"
_COMPONENT: Final = "microsoft.insights/components"
_TAG: Final = "hidden-link: /app-insights-resource-id"


def _runtime(app: View, ctx: Context) -> Verdict:
    properties = app.object("properties")
    # Flex Consumption plans and Azure Container Apps run only version 4 of the host:
    # https://learn.microsoft.com/azure/azure-functions/functions-versions
    if properties.has("functionAppConfig") and properties.text("functionAppConfig.runtime.name"):
        return passed("Apps in a Flex Consumption plan run version 4", hosting="Flex Consumption")
    if is_on_container_apps(app):
        return passed("Function apps on Container Apps run version 4", hosting="Container Apps")
    return manual("Attest that the app runs version 4 of Azure Functions", hosting=None)


def _app_insights(app: View, ctx: Context) -> Verdict:
    tags = app.object("tags", default={})
    named = next((key for key in tags.body if key.strip().casefold() == _TAG), None)
    component = tags.text(named) if named else ""
    if not component:
        return manual("Attest that the app sends its telemetry to Application Insights", component=None)
    if f"/providers/{_COMPONENT}/" not in fold(component):
        raise app.unreadable("tags", "not an id")
    if subscription_of(component) != subscription_of(app.id):
        return manual(
            "Attest that the app sends its telemetry to the Application Insights resource in the other subscription",
            component=component,
        )
    ctx.require_complete(RESOURCES)
    if ctx.find(RESOURCES, component) is not None:
        return passed(
            "The app is connected to Application Insights",
            remarks=["Whether the app sends telemetry is not checked"],
            component=component,
        )
    return failed("The Application Insights resource of the app no longer exists", component=component)


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "function-runtime",
        title="Function apps run a supported version of Azure Functions",
        problem="Function app with an unsupported version of Azure Functions",
        expected="The app runs version 4 of Azure Functions, or somebody attests it once a year",
        judged="Each function app, logic app (Standard) and deployment slot. Apps in a Flex Consumption plan and on"
        " Container Apps pass, because they run version 4 only. Otherwise, the control needs an attestation, because"
        " the version is in the settings of the app, which Surety does not read.",
        why="Microsoft no longer fixes older versions of Azure Functions.",
        severity=Severity.MEDIUM,
        labels={"hosting": "Hosting"},
        judge=_runtime,
        also=(WEB_SLOTS,),
        where=lambda app, ctx: is_function_app(app),
        subject_type=TYPE,
        empty_reason=NO_FUNCTION_APPS,
        is_manual=True,
        answer=Answer(days=365),
        references=References(nist="SI-2*"),
        fix=Fix(
            advice("First follow Microsoft's guide to the migration to version 4."),
            command(
                "az functionapp config appsettings set --resource-group {group} --name {site}"
                " --settings FUNCTIONS_EXTENSION_VERSION=~4 --subscription {subscription}",
                "Set the version of the app:",
                kinds=("microsoft.web/sites",),
            ),
            command(
                "az functionapp config appsettings set --resource-group {group} --name {site} --slot {slot}"
                " --settings FUNCTIONS_EXTENSION_VERSION=~4 --subscription {subscription}",
                "Set the version of the deployment slot:",
                kinds=("microsoft.web/sites/slots",),
            ),
            portal=f"{_PORTAL} Settings › Environment variables",
            portal_source=f"{_LEARN}/functions-how-to-use-azure-function-app-settings",
            effects="The app restarts. Code for an older version may stop working.",
            variables=[APP, SITE, SLOT],
        ),
    ),
    SettingControl(
        "function-app-insights",
        title="Function apps send their telemetry to Application Insights",
        problem="Function app without Application Insights",
        expected="The app is connected to Application Insights, or somebody attests it once a year",
        judged="The tag `hidden-link: /app-insights-resource-id`, which Azure sets, of each function app, logic app"
        " (Standard) and deployment slot. If the tag names a resource of the subscription, the control passes; if that"
        " resource no longer exists, it fails. Otherwise, the control needs an attestation, because Surety does not"
        " read the settings of the app.",
        why="Without telemetry, attacks on functions and errors in them stay unnoticed.",
        severity=Severity.LOW,
        labels={"component": "Application Insights"},
        judge=_app_insights,
        needs=(RESOURCES,),
        also=(WEB_SLOTS,),
        where=lambda app, ctx: is_function_app(app),
        subject_type=TYPE,
        empty_reason=NO_FUNCTION_APPS,
        is_manual=True,
        answer=Answer(days=365),
        references=References(mcsb="LT-3*", nist="AU-12* SI-4*"),
        fix=Fix(
            advice("Connect the app in the portal, which also sets the tag of the app."),
            portal=f"{_PORTAL} Application Insights is not configured",
            portal_source=f"{_LEARN}/configure-monitoring",
            cost="Application Insights is billed by the amount of data.",
            effects="The app restarts.",
            variables=[APP],
        ),
    ),
)
