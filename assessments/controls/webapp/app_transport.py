"""Controls of HTTPS, client certificates, TLS, FTP and HTTP/2 in the connections to apps.

Properties: Azure/azure-rest-api-specs, web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/openapi.json
(Site, SiteConfig)
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, References, Setting
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.controls.webapp._apps import (
    APP,
    GENERAL,
    GENERAL_SOURCE,
    LEARN,
    NO_APPS,
    NO_WEB_APPS,
    STOPPED,
    TYPE,
    configuration,
    of_app,
    on_container_apps,
    publishing_policies,
    set_in_configuration,
    set_on_app,
)
from assessments.estate.collections.webapp import WEB_CONFIGS, WEB_PUBLISHING, WEB_SITES, WEB_SLOTS
from assessments.estate.services.web_apps import is_web_app
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command

_VERSIONS: Final = {"1.0": False, "1.1": False, "1.2": True, "1.3": True}
"""The versions of TLS, and whether the control accepts them."""
_MODES: Final = frozenset({"required", "optional", "optionalinteractiveuser"})


def _client_cert(app: View, ctx: Context) -> Verdict:
    properties = app.object("properties")
    enabled, mode = properties.raw("clientCertEnabled"), properties.raw("clientCertMode")
    is_on = properties.flag("clientCertEnabled", default=False)
    if is_on and properties.choice("clientCertMode", _MODES) == "required":
        excluded = properties.text("clientCertExclusionPaths", default="")
        return passed(
            "Callers must show a certificate",
            remarks=["Some paths of the app need no client certificate"] if excluded else [],
            clientCertEnabled=enabled,
            clientCertMode=mode,
        )
    if ctx.params["exempt_http2"] and configuration(app, ctx).flag("http20Enabled"):
        return not_applicable(
            "The app offers HTTP/2, and the control’s parameters exempt such apps",
            clientCertEnabled=enabled,
            clientCertMode=mode,
            http20Enabled=True,
        )
    if is_on:
        return failed(
            "Callers may show a certificate, but need none", clientCertEnabled=enabled, clientCertMode=mode
        )
    return failed("Callers need no certificate", clientCertEnabled=enabled, clientCertMode=mode)


def _min_tls(app: View, ctx: Context) -> Verdict:
    properties = configuration(app, ctx)
    version, tools = properties.text("minTlsVersion"), properties.raw("scmMinTlsVersion")
    is_new = _VERSIONS[properties.choice("minTlsVersion", _VERSIONS)]
    if not is_new:
        return failed("The app accepts old versions of TLS", minTlsVersion=version, scmMinTlsVersion=tools)
    tools_are_old = bool(tools) and not _VERSIONS[properties.choice("scmMinTlsVersion", _VERSIONS)]
    if tools_are_old and ctx.params["strict"]:
        return failed(
            "The advanced tools of the app accept old versions of TLS",
            minTlsVersion=version,
            scmMinTlsVersion=tools,
        )
    return passed(
        "The app refuses old versions of TLS",
        remarks=["The advanced tools of the app accept old versions of TLS"] if tools_are_old else [],
        minTlsVersion=version,
        scmMinTlsVersion=tools,
    )


def _ftps(app: View, ctx: Context) -> Verdict:
    properties = configuration(app, ctx)
    observed = properties.raw("ftpsState")
    # Only apps in a Flex Consumption plan have the object `functionAppConfig`, and Flex Consumption plans offer no FTP:
    # https://learn.microsoft.com/azure/azure-functions/functions-deployment-technologies
    if app.object("properties").has("functionAppConfig") and app.text(
        "properties.functionAppConfig.runtime.name"
    ):
        return passed("Apps in a Flex Consumption plan have no FTP", ftpsState=observed)
    state = properties.choice("ftpsState", {"disabled", "ftpsonly", "allallowed"})
    if state == "disabled":
        return passed("FTP is off", ftpsState=observed)
    refuses_passwords = _refuses_ftp(app, ctx)
    if state == "ftpsonly" and not ctx.params["strict"]:
        return passed(
            "Only FTP with TLS is on",
            remarks=["FTP accepts no password, so nobody can sign in over FTP"] if refuses_passwords else [],
            ftpsState=observed,
        )
    if state == "ftpsonly":
        return failed(
            "FTP is on, although only with TLS",
            remarks=["FTP accepts no password, so nobody can sign in over FTP"] if refuses_passwords else [],
            ftpsState=observed,
        )
    return failed(
        "Plain FTP is on",
        remarks=["FTP accepts no password, so nobody can sign in over FTP"] if refuses_passwords else [],
        ftpsState=observed,
    )


def _refuses_ftp(app: View, ctx: Context) -> bool:
    """Return whether a policy of the app forbids signing in to FTP with a password. FTP supports no other sign-in."""
    policy = publishing_policies(ctx.partial_at(WEB_PUBLISHING, app.id)[0]).get("ftp")
    return policy is not None and policy.raw("properties.allow") is False


def _http2(app: View, ctx: Context) -> Verdict:
    if configuration(app, ctx).flag("http20Enabled"):
        return passed("The app offers HTTP/2", http20Enabled=True)
    return failed("The app does not offer HTTP/2", http20Enabled=False)


CONTROLS = declare_settings(
    __name__,
    WEB_SITES,
    SettingControl(
        "webapp-https-only",
        title="Apps redirect HTTP to HTTPS",
        problem="App accepts unencrypted HTTP",
        expected="Requests over HTTP are redirected to HTTPS",
        judged="`httpsOnly` of each web app, function app and deployment slot. If the property is absent, it counts"
        " as off. A gateway in front of the app does not count. Function apps on Container Apps are not applicable: see"
        " containerapp-https.",
        why="Over HTTP, anyone between client and server can read and change requests, cookies and answers.",
        severity=Severity.HIGH,
        labels={"httpsOnly": "HTTP redirected to HTTPS"},
        setting="properties.httpsOnly",
        values={
            True: passed("The app redirects HTTP to HTTPS"),
            False: failed("The app answers requests over HTTP"),
        },
        absent=failed("The app answers requests over HTTP, because the setting is absent"),
        unless=(on_container_apps,),
        remarks=(STOPPED,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(c2="9.2", c3="9.1", mcsb="DP-3", nist="SC-8 SC-8(1)"),
        fix=Fix(
            set_on_app("httpsOnly=true"),
            portal=f"{GENERAL} HTTPS Only",
            portal_source=GENERAL_SOURCE,
            effects="Clients and probes that still use HTTP get a redirect.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-client-cert",
        title="Web apps require client certificates",
        problem="Web app does not require a client certificate",
        expected="Callers must show a certificate",
        judged="`clientCertEnabled` and `clientCertMode` of each web app and its deployment slots. Certificates must be"
        " on and required. If certificates are off or absent, the mode does not matter. With `exempt_http2`, web apps"
        " that offer HTTP/2 and require no certificate are not applicable. Excluded paths add a remark.",
        why="If an app does not require certificates, everybody can call it, even if it is meant only for known"
        " clients.",
        severity=Severity.LOW,
        labels={"clientCertEnabled": "Client certificates", "clientCertMode": "Use of client certificates"},
        judge=of_app(_client_cert),
        expects={"clientCertEnabled": (True,), "clientCertMode": ("Required",)},
        needs=(WEB_CONFIGS,),
        also=(WEB_SLOTS,),
        where=lambda app, ctx: is_web_app(app),
        subject_type=TYPE,
        empty_reason=NO_WEB_APPS,
        parameters=(
            Parameter(
                "exempt_http2",
                True,
                "Web apps that offer HTTP/2 need no client certificates",
                label="Exempt apps with HTTP/2",
            ),
        ),
        references=References(
            c2="9.4",
            mcsb="PV-2",
            nist="CM-6",
            partly=(
                Partly(
                    "c2",
                    "Web apps that offer HTTP/2 are not applicable, unless the control’s parameters include them",
                    unless=(Setting("exempt_http2", equal=False),),
                ),
            ),
        ),
        fix=Fix(
            advice("First give each client a certificate, and let the code of the app check it."),
            command(
                "az resource update --ids {id} --set properties.clientCertEnabled=true"
                " properties.clientCertMode=Required"
            ),
            portal=f"{GENERAL} Client certificate mode › Required",
            portal_source=f"{LEARN}/app-service-web-configure-tls-mutual-auth",
            effects="Callers without a certificate, such as most browsers, can no longer use the app.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-tls",
        title="Apps require TLS 1.2",
        problem="App accepts old versions of TLS",
        expected="Clients must use TLS 1.2 or newer",
        judged="`minTlsVersion` of the configuration of each web app, function app and deployment slot. 1.2 and 1.3"
        " pass. If the property is absent, the verdict is unknown. Old versions at the advanced tools"
        " (`scmMinTlsVersion`) add a remark; with `strict`, they fail. Function apps on Container Apps are not"
        " applicable, because HTTPS of Container Apps always uses TLS 1.2 or 1.3.",
        why="TLS 1.0 and 1.1 have known weaknesses, which let attackers read connections.",
        severity=Severity.HIGH,
        labels={
            "minTlsVersion": "Minimum version of TLS",
            "scmMinTlsVersion": "Minimum version of TLS (advanced tools)",
        },
        unless=(on_container_apps,),
        judge=of_app(_min_tls),
        expects={"minTlsVersion": ("1.2", "1.3")},
        needs=(WEB_CONFIGS,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        parameters=(
            Parameter(
                "strict",
                False,
                "Require TLS 1.2 for the advanced tools of the app as well",
                label="Include the advanced tools",
            ),
        ),
        references=References(c2="9.3", c3="9.4", mcsb="NS-8 DP-3", nist="SC-8 SC-8(1)"),
        fix=Fix(
            set_in_configuration({"minTlsVersion": "1.2"}, "For the app:"),
            set_in_configuration({"scmMinTlsVersion": "1.2"}, "For the advanced tools of the app:"),
            portal=f"{GENERAL} Minimum Inbound TLS Version",
            portal_source=f"{LEARN}/overview-tls",
            # Source of the date: Azure update 557852
            effects="Clients that cannot use TLS 1.2 can no longer connect. From 31 May 2027, App Service refuses them"
            " anyway. The app restarts.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-ftps",
        title="Apps refuse plain FTP",
        problem="App accepts deployments over plain FTP",
        expected="FTP is off or requires TLS",
        judged="`ftpsState` of the configuration of each web app, function app and deployment slot. Disabled and"
        " FtpsOnly pass; with `strict`, only Disabled. Apps in a Flex Consumption plan pass, because they have no"
        " FTP. Otherwise, the verdict is unknown if the property is absent. A remark says if FTP accepts no password,"
        " so that nobody can sign in. Function apps on Container Apps are not applicable, because Container Apps does"
        " not use the setting.",
        why="Plain FTP sends the password and the code of the app unencrypted.",
        severity=Severity.MEDIUM,
        labels={"ftpsState": "FTP"},
        unless=(on_container_apps,),
        judge=of_app(_ftps),
        needs=(WEB_CONFIGS,),
        optional=(WEB_PUBLISHING,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        parameters=(
            Parameter(
                "strict", False, "Require that FTP is off, even with TLS", label="Require that FTP is off"
            ),
        ),
        references=References(c2="9.10", c3="9.3", mcsb="DP-3", nist="SC-8 SC-8(1)"),
        fix=Fix(
            set_in_configuration({"ftpsState": "Disabled"}),
            portal=f"{GENERAL} FTP state › Disabled",
            portal_source=f"{LEARN}/deploy-ftp",
            effects="Nobody can deploy the app over FTP. The app restarts.",
            variables=[APP],
        ),
    ),
    SettingControl(
        "webapp-http2",
        title="Apps offer HTTP/2",
        problem="App does not offer HTTP/2",
        expected="HTTP/2 is on",
        judged="`http20Enabled` of the configuration of each web app, function app and deployment slot. If the property"
        " is absent, the verdict is unknown. Function apps on Container Apps are not applicable, because Container Apps"
        " does not use the setting.",
        why="Without HTTP/2, clients use HTTP/1.1, which is older and slower and is also used without TLS.",
        severity=Severity.LOW,
        unless=(on_container_apps,),
        judge=of_app(_http2),
        needs=(WEB_CONFIGS,),
        also=(WEB_SLOTS,),
        subject_type=TYPE,
        empty_reason=NO_APPS,
        references=References(c2="9.9", c3="9.10", nist="SI-2"),
        fix=Fix(
            set_in_configuration({"http20Enabled": True}),
            portal=f"{GENERAL} HTTP version › 2.0",
            portal_source=GENERAL_SOURCE,
            effects="The app restarts. HTTP/2 has no TLS renegotiation, which some settings of client certificates"
            " need.",
            variables=[APP],
        ),
    ),
)
