"""Controls of the identity, debugging and access of apps.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
(Site, SiteConfig)
"""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.rules import identity_verdicts
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.controls.webapp._access import ACCEPT_FIREWALL, public_access
from assessments.controls.webapp._apps import (
    APP,
    GENERAL,
    GENERAL_SOURCE,
    LEARN,
    NO_APPS,
    PORTAL,
    SITE,
    SLOT,
    STOPPED,
    TYPE,
    configuration,
    of_app,
    on_container_apps,
    set_in_configuration,
    set_on_app,
)
from assessments.estate.collections.webapp import WEB_CONFIGS, WEB_ENDPOINTS, WEB_SITES, WEB_SLOTS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable


def _unless_unreadable(app: View, ctx: Context) -> Verdict | None:
    """Raise Unreadable for a document without properties, because every app has properties."""
    app.object("properties")
    return None


def _remote_debugging(app: View, ctx: Context) -> Verdict:
    if configuration(app, ctx).flag("remoteDebuggingEnabled"):
        return failed(
            "Remote debugging is on",
            remarks=["Azure ends remote debugging after 48 hours, even if the setting stays on"],
            remoteDebuggingEnabled=True,
        )
    return passed("Remote debugging is off", remoteDebuggingEnabled=False)


def _cors(app: View, ctx: Context) -> Verdict:
    cors = configuration(app, ctx).object("cors", default={})
    origins = [origin.strip() for origin in cors.texts("allowedOrigins", default=[])]
    # If the list contains `*`, Azure ignores the other origins.
    if "*" in origins:
        return failed("Scripts of every website can call the app", allowedOrigins=origins)
    for origin in origins:
        if "://" not in origin:
            raise cors.unknown_value("allowedOrigins", origin)
    with_credentials = cors.flag("supportCredentials", default=False)
    return passed(
        "Scripts of other websites can call the app only if the website is listed",
        remarks=["The listed websites can also send the cookies of the app"]
        if origins and with_credentials
        else [],
        allowedOrigins=origins,
    )


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "webapp-identity",
        title="Apps have a managed identity",
        problem="App without a managed identity",
        expected="The app has a managed identity",
        judged="`identity.type` of each web app, function app, logic app (Standard) and deployment slot. An app without"
        " identity fails. Whether the app uses the identity is not checked.",
        why="An app without an identity needs passwords or keys in its settings to reach other services.",
        severity=Severity.MEDIUM,
        unless=(_unless_unreadable,),
        setting="identity.type",
        observed_as="identityType",
        values=identity_verdicts(
            passed("The app has a managed identity"), failed("The app has no managed identity")
        ),
        absent=failed("The app has no managed identity"),
        remarks=(STOPPED,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(c2="9.5", c3="9.5", mcsb="IM-3", nist="AC-2 AC-3 IA-2 IA-4"),
        fix=Fix(
            command(
                "az webapp identity assign --resource-group {group} --name {site} --subscription {subscription}",
                "Give the app an identity of its own.",
                kinds=("microsoft.web/sites",),
            ),
            command(
                "az webapp identity assign --resource-group {group} --name {site} --slot {slot}"
                " --subscription {subscription}",
                "Give the deployment slot an identity of its own.",
                kinds=("microsoft.web/sites/slots",),
            ),
            advice(
                "Then let the app sign in to other services with the identity, and remove keys from its settings."
            ),
            portal=f"{PORTAL} Settings › Identity › System assigned › Status › On",
            portal_source=f"{LEARN}/overview-managed-identity",
            effects="The identity has no rights until somebody assigns roles to it.",
            variables=[APP, SITE, SLOT],
        ),
    ),
    SettingControl(
        "webapp-remote-debug",
        title="Remote debugging of apps is off",
        problem="Remote debugging of an app is on",
        expected="Remote debugging is off",
        judged="`remoteDebuggingEnabled` of the configuration of each web app, function app and deployment slot. If the"
        " property is absent, the verdict is unknown. Function apps on Container Apps are not applicable, because"
        " Container Apps does not use the setting.",
        why="Remote debugging opens further ports, and a debugger can read and change everything in the app.",
        severity=Severity.MEDIUM,
        labels={"remoteDebuggingEnabled": "Remote debugging"},
        unless=(on_container_apps,),
        judge=of_app(_remote_debugging),
        needs=(WEB_CONFIGS,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(c3="9.12", mcsb="PV-2", nist="AC-17 AC-17(1) CM-6"),
        fix=Fix(
            set_in_configuration({"remoteDebuggingEnabled": False}),
            portal=f"{GENERAL} Debugging",
            portal_source=GENERAL_SOURCE,
            effects="Debuggers are disconnected. The app restarts.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-cors",
        title="Only listed websites may call apps from scripts",
        problem="Scripts of every website can call an app",
        expected="Scripts of other websites can call the app only if the website is listed",
        judged="`cors.allowedOrigins` of the configuration of each web app, function app and deployment slot. Fails"
        " if `*` is among the origins. Without origins, the control passes. Rules in the code of the app are not"
        " visible. Function apps on Container Apps are not applicable, because Container Apps does not use the"
        " setting.",
        why="If every website may call the app, a malicious page can use the app in the name of its visitors.",
        severity=Severity.MEDIUM,
        labels={"allowedOrigins": "Websites that may call the app"},
        unless=(on_container_apps,),
        judge=of_app(_cors),
        needs=(WEB_CONFIGS,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(mcsb="PV-2", nist="AC-4 CM-6"),
        fix=Fix(
            set_in_configuration(
                {"cors": {"allowedOrigins": ["{origin}"]}},
                "List only the websites whose scripts have to call the app. Add an entry for each further website:",
            ),
            portal=f"{PORTAL} API › CORS › Allowed origins",
            portal_source="https://learn.microsoft.com/azure/azure-functions/functions-how-to-use-azure-function-app-settings",
            effects="Scripts of websites that are not listed can no longer call the app.",
            variables=[
                APP,
                Variable("origin", "Website that may call the app", "https://www.contoso.com"),
            ],
        ),
    ),
    SettingControl(
        "webapp-pna",
        title="Apps let only listed or private networks in",
        problem="App reachable from public networks",
        expected="Public network access is off, or only listed networks get in",
        judged="`publicNetworkAccess` of each web app, function app and deployment slot, or else of its"
        " configuration. Disabled passes. Otherwise, with `accept_firewall`, access restrictions must refuse networks"
        " without a rule, and the rules together must allow fewer than 2^24 IPv4 and 2^96 IPv6 addresses. A rule for"
        " the service tag AzureCloud, or for one of its regions, fails, because every customer of Azure can get such"
        " an address. If the property is absent, a private endpoint that is approved switches public network access"
        " off. An app in an App Service Environment that is not restricted is unknown, because the environment may be"
        " internal. Function apps on Container Apps are not applicable: see the control containerapp-env-pna."
        " Restrictions of the advanced tools are not checked.",
        why="Attackers on the whole Internet can reach an app that perhaps only few people need.",
        severity=Severity.MEDIUM,
        judge=of_app(public_access),
        needs=(WEB_CONFIGS, WEB_ENDPOINTS),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        parameters=(ACCEPT_FIREWALL,),
        references=References(mcsb2="NS-2", nist="AC-4* SC-7*"),
        fix=Fix(
            advice("Request an exception for websites that are meant for the public."),
            # https://learn.microsoft.com/azure/app-service/overview-private-endpoint
            advice(
                "Apps in the plans Free, Shared and Consumption cannot have private endpoints. Instead of switching"
                " off their public access, use access restrictions that let in only known networks."
            ),
            set_on_app(
                "publicNetworkAccess=Disabled",
                "First create a private endpoint, so that clients can still reach the app. Then switch public access"
                " off:",
            ),
            portal=f"{PORTAL} Settings › Networking › Public network access",
            portal_source=f"{LEARN}/app-service-ip-restrictions",
            effects="Only clients that use a private endpoint can still reach the app and its advanced tools.",
            variables=[APP],
        ),
    ),
)
