"""Settings of apps: HTTPS, TLS, FTP, identity, certificates, debugging, access."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import RG, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.webapp.apps import (
    CONFIG_ABSENT,
    CONTAINER_APPS,
    ID,
    NO_CONFIG,
    NO_LIST,
    NONE,
    ON_CONTAINER_APPS,
    RESOURCES,
    SLOT,
    app,
    config,
    configured,
    one,
)

FUNCTION = "functionapp,linux"
ENVIRONMENT = {"hostingEnvironmentProfile": {"id": f"{RG}/providers/Microsoft.Web/hostingEnvironments/ase"}}
FLEX = {"functionAppConfig": {"runtime": {"name": "python", "version": "3.12"}}}
REST = {"ipAddress": "Any", "action": "Deny", "priority": 2147483647, "name": "Deny all"}


def restricted(*rules: dict[str, Any], body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """An app whose access restrictions are these rules, followed by the rule that Azure adds."""
    return configured(
        body, ipSecurityRestrictions=[*rules, REST], **{"publicNetworkAccess": "Enabled", **more}
    )


def rule(address: Any, **more: Any) -> dict[str, Any]:
    return {"ipAddress": address, "action": "Allow", "tag": "Default", "priority": 100, **more}


def front_door(header: str, *values: str) -> dict[str, Any]:
    """A rule that lets Front Door in if the header of the request has one of the values."""
    return rule("AzureFrontDoor.Backend", tag="ServiceTag", headers={header: list(values)})


def endpoints(*states: Any) -> dict[str, Any]:
    held = [
        doc(
            f"{ID}/privateEndpointConnections/{number}",
            {"privateLinkServiceConnectionState": {"status": state}},
        )
        for number, state in enumerate(states)
    ]
    return {**configured(), "web_endpoints": {ID: held}}


def with_slot(**properties: Any) -> dict[str, Any]:
    slot = {**app(SLOT, **properties), "name": "shop/staging"}
    return {"web_sites": [app(httpsOnly=True)], "web_slots": [slot], "resources": RESOURCES}


CERT = {"clientCertEnabled": True, "clientCertMode": "Required"}
OPTIONAL = {"clientCertEnabled": True, "clientCertMode": "OptionalInteractiveUser"}
NO_EXEMPTION = {"params": {"exempt_http2": False}}
STRICT = {"params": {"strict": True}}

NO_FTP_PASSWORD = doc(f"{ID}/basicPublishingCredentialsPolicies/ftp", {"allow": False})
FTP_PASSWORD = doc(f"{ID}/basicPublishingCredentialsPolicies/ftp", {"allow": True})

CASES = [
    *rows(
        "webapp-https-only",
        ("on", one(app(httpsOnly=True)), {ID: "pass"}, {"no_remark": "stopped"}),
        ("off", one(app(httpsOnly=False)), {ID: "fail"}),
        ("absent", one(app()), {ID: "fail"}, {"reason": "absent"}),
        ("null", one(app(httpsOnly=None)), {ID: "fail"}),
        ("text", one(app(httpsOnly="true")), {ID: "unknown"}),
        ("a function app", one(app(kind=FUNCTION, httpsOnly=False)), {ID: "fail"}),
        ("stopped", one(app(httpsOnly=True, state="Stopped")), {ID: "pass"}, {"remark": "stopped"}),
        ("a slot without", with_slot(httpsOnly=False), {ID: "pass", SLOT: "fail"}),
        ("a slot with", with_slot(httpsOnly=True), {ID: "pass", SLOT: "pass"}),
        (
            "slots forbidden",
            {"web_sites": [app(httpsOnly=True)], "resources": RESOURCES},
            {ID: "pass", "/".join(RG.split("/")[:3]): "unknown"},
            {"gaps": [gap("web_slots", ID)]},
        ),
        ON_CONTAINER_APPS,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-identity",
        *(
            (kind, one(app(top={"identity": {"type": kind}})), {ID: "pass"})
            for kind in ("SystemAssigned", "userAssigned", "SystemAssigned, UserAssigned")
        ),
        ("none", one(app(top={"identity": {"type": "None"}})), {ID: "fail"}),
        ("absent", one(app()), {ID: "fail"}),
        ("null", one(app(top={"identity": None})), {ID: "fail"}),
        ("a new kind", one(app(top={"identity": {"type": "Other"}})), {ID: "unknown"}),
        ("text", one(app(top={"identity": "SystemAssigned"})), {ID: "unknown"}),
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-client-cert",
        ("required", one(app(**CERT)), {ID: "pass"}, {"no_remark": "Some paths"}),
        (
            "required, with excluded paths",
            one(app(**CERT, clientCertExclusionPaths="/health;/public")),
            {ID: "pass"},
            {"remark": "Some paths"},
        ),
        ("optional", configured(app(**OPTIONAL), http20Enabled=False), {ID: "fail"}, {"reason": "need none"}),
        (
            "off, although the mode is required",
            configured(app(clientCertEnabled=False, clientCertMode="Required"), http20Enabled=False),
            {ID: "fail"},
        ),
        ("absent", configured(http20Enabled=False), {ID: "fail"}),
        ("no mode", configured(app(clientCertEnabled=True), http20Enabled=False), {ID: "unknown"}),
        (
            "a new mode",
            configured(app(clientCertEnabled=True, clientCertMode="Maybe"), http20Enabled=False),
            {ID: "unknown"},
        ),
        ("text", configured(app(clientCertEnabled="true"), http20Enabled=False), {ID: "unknown"}),
        ("HTTP/2", configured(app(**OPTIONAL), http20Enabled=True), {ID: "not_applicable"}),
        ("HTTP/2, not exempt", configured(app(**OPTIONAL), http20Enabled=True), {ID: "fail"}, NO_EXEMPTION),
        ("HTTP/2 is not given", configured(), {ID: "unknown"}),
        (
            "required, the configuration is forbidden",
            one(app(**CERT)),
            {ID: "pass"},
            {"gaps": [gap("web_configs", ID)]},
        ),
        ("a function app", one(app(kind=FUNCTION)), "not_applicable"),
        ("no kind", configured(app(kind=None), http20Enabled=False), {ID: "fail"}),
        ("the kind is a number", one(app(kind=1)), {ID: "unknown"}),
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-tls",
        (
            "1.2",
            configured(minTlsVersion="1.2", scmMinTlsVersion="1.2"),
            {ID: "pass"},
            {"no_remark": "tools"},
        ),
        ("1.3", configured(minTlsVersion="1.3"), {ID: "pass"}),
        ("1.1", configured(minTlsVersion="1.1", scmMinTlsVersion="1.2"), {ID: "fail"}),
        ("1.0", configured(minTlsVersion="1.0"), {ID: "fail"}, STRICT),
        ("tools", configured(minTlsVersion="1.2", scmMinTlsVersion="1.0"), {ID: "pass"}, {"remark": "tools"}),
        (
            "tools, strict",
            configured(minTlsVersion="1.2", scmMinTlsVersion="1.0"),
            {ID: "fail"},
            {**STRICT, "reason": "tools"},
        ),
        ("absent", configured(scmMinTlsVersion="1.2"), {ID: "unknown"}),
        ("null", configured(minTlsVersion=None), {ID: "unknown"}),
        ("a new version", configured(minTlsVersion="2.0"), {ID: "unknown"}),
        (
            "a new version of the tools",
            configured(minTlsVersion="1.2", scmMinTlsVersion="2.0"),
            {ID: "unknown"},
        ),
        ("a number", configured(minTlsVersion=1.2), {ID: "unknown"}),
        ON_CONTAINER_APPS,
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-ftps",
        ("off", configured(ftpsState="Disabled"), {ID: "pass"}),
        ("only with TLS", configured(ftpsState="ftpsOnly"), {ID: "pass"}),
        ("only with TLS, strict", configured(ftpsState="FtpsOnly"), {ID: "fail"}, STRICT),
        ("off, strict", configured(ftpsState="Disabled"), {ID: "pass"}, STRICT),
        ("on", configured(ftpsState="AllAllowed"), {ID: "fail"}, {"no_remark": "password"}),
        (
            "on, without passwords",
            {**configured(ftpsState="AllAllowed"), "web_publishing": {ID: [NO_FTP_PASSWORD]}},
            {ID: "fail"},
            {"remark": "nobody can sign in over FTP"},
        ),
        (
            "only with TLS, with passwords",
            {**configured(ftpsState="FtpsOnly"), "web_publishing": {ID: [FTP_PASSWORD]}},
            {ID: "pass"},
            {"no_remark": "password"},
        ),
        ("null", configured(ftpsState=None), {ID: "unknown"}),
        ("a new state", configured(ftpsState="Sftp"), {ID: "unknown"}),
        ("Flex Consumption", configured(app(kind=FUNCTION, **FLEX)), {ID: "pass"}, {"reason": "Flex"}),
        ("text for Flex Consumption", configured(app(functionAppConfig="yes")), {ID: "unknown"}),
        ON_CONTAINER_APPS,
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-http2",
        ("on", configured(http20Enabled=True), {ID: "pass"}),
        ("off", configured(http20Enabled=False), {ID: "fail"}),
        ("absent", configured(), {ID: "unknown"}),
        ("text", configured(http20Enabled="true"), {ID: "unknown"}),
        ON_CONTAINER_APPS,
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-remote-debug",
        ("off", configured(remoteDebuggingEnabled=False), {ID: "pass"}),
        ("on", configured(remoteDebuggingEnabled=True), {ID: "fail"}, {"remark": "48 hours"}),
        ("absent", configured(), {ID: "unknown"}),
        ("text", configured(remoteDebuggingEnabled="false"), {ID: "unknown"}),
        ON_CONTAINER_APPS,
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-cors",
        ("no origins", configured(cors={"allowedOrigins": []}), {ID: "pass"}),
        ("null", configured(cors=None), {ID: "pass"}),
        ("absent", configured(), {ID: "pass"}),
        (
            "listed origins",
            configured(cors={"allowedOrigins": ["https://contoso.com"], "supportCredentials": False}),
            {ID: "pass"},
            {"no_remark": "cookies"},
        ),
        (
            "listed origins with credentials",
            configured(cors={"allowedOrigins": ["https://contoso.com"], "supportCredentials": True}),
            {ID: "pass"},
            {"remark": "cookies"},
        ),
        ("every origin", configured(cors={"allowedOrigins": ["https://contoso.com", " * "]}), {ID: "fail"}),
        (
            "every origin, and one without a scheme",
            configured(cors={"allowedOrigins": ["contoso.com", "*"], "supportCredentials": "no"}),
            {ID: "fail"},
        ),
        ("the origins are text", configured(cors={"allowedOrigins": "*"}), {ID: "unknown"}),
        ("an origin without a scheme", configured(cors={"allowedOrigins": ["everywhere"]}), {ID: "unknown"}),
        ON_CONTAINER_APPS,
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
    *rows(
        "webapp-pna",
        ("off", configured(app(publicNetworkAccess="Disabled")), {ID: "pass"}, {"reason": "is off"}),
        ("off in the configuration", configured(publicNetworkAccess="disabled"), {ID: "pass"}),
        (
            "on Container Apps",
            configured(app(kind=CONTAINER_APPS)),
            {ID: "not_applicable"},
            {"reason": "environment"},
        ),
        (
            "on, although off in the configuration",
            configured(app(publicNetworkAccess="Enabled"), publicNetworkAccess="Disabled"),
            {ID: "fail"},
        ),
        ("on", configured(app(publicNetworkAccess="Enabled")), {ID: "fail"}),
        ("a new kind of access", configured(app(publicNetworkAccess="Some")), {ID: "unknown"}),
        ("absent, no private endpoint", configured(), {ID: "fail"}, {"reason": "absent"}),
        ("empty, no private endpoint", configured(app(publicNetworkAccess="")), {ID: "fail"}),
        ("absent, a private endpoint", endpoints("Pending", "Approved"), {ID: "pass"}),
        ("absent, a rejected private endpoint", endpoints("Rejected"), {ID: "fail"}),
        ("absent, an unknown state", endpoints("Sleeping"), {ID: "unknown"}),
        ("absent, endpoints forbidden", configured(), {ID: "unknown"}, {"gaps": [gap("web_endpoints", ID)]}),
        ("a few networks", restricted(rule("203.0.113.0/24"), rule("2001:db8::/64")), {ID: "pass"}),
        ("networks of one rule", restricted(rule("203.0.113.0/24,198.51.100.0/24")), {ID: "pass"}),
        (
            "an address with its mask",
            restricted(rule("203.0.113.7", subnetMask="255.255.255.0")),
            {ID: "pass"},
        ),
        ("a subnet", restricted(rule(None, vnetSubnetResourceId=f"{RG}/providers/x/y/z")), {ID: "pass"}),
        (
            "a few networks, which the parameter refuses",
            restricted(rule("203.0.113.0/24")),
            {ID: "fail"},
            {"params": {"accept_firewall": False}, "reason": "A firewall limits public network access"},
        ),
        (
            "a few networks without a setting, which the parameter refuses",
            configured(ipSecurityRestrictions=[rule("203.0.113.0/24")]),
            {ID: "fail"},
            {"params": {"accept_firewall": False}, "reason": "A firewall limits public network access"},
        ),
        ("nobody", restricted(), {ID: "pass"}),
        (
            "all networks",
            configured(ipSecurityRestrictions=[rule("Any")], publicNetworkAccess="Enabled"),
            {ID: "fail"},
            {"reason": "Every network"},
        ),
        ("all of IPv4", restricted(rule("0.0.0.0/0")), {ID: "fail"}, {"reason": "Every network"}),
        ("half of IPv6", restricted(rule("8000::/1")), {ID: "fail"}, {"reason": "let the Internet in"}),
        ("a wide network", restricted(rule("8.0.0.0/8")), {ID: "fail"}, {"reason": "let the Internet in"}),
        ("a wide mask", restricted(rule("8.0.0.0", subnetMask="255.0.0.0")), {ID: "fail"}),
        (
            "other networks let in",
            restricted(rule("203.0.113.0/24"), ipSecurityRestrictionsDefaultAction="Allow"),
            {ID: "fail"},
        ),
        (
            "no rules, others refused",
            configured(ipSecurityRestrictionsDefaultAction="Deny", publicNetworkAccess="Enabled"),
            {ID: "pass"},
        ),
        (
            "an Azure service",
            restricted(rule("AzureFrontDoor.Backend", tag="ServiceTag")),
            {ID: "pass"},
            {"remark": "Azure service"},
        ),
        (
            "the own Front Door",
            restricted(front_door("x-azure-fdid", "1")),
            {ID: "pass"},
            {"no_remark": "Azure service"},
        ),
        (
            "a health probe",
            restricted(front_door("x-fd-healthprobe", "1")),
            {ID: "pass"},
            {"remark": "Azure service"},
        ),
        (
            "no Front Door named",
            restricted(front_door("X-Azure-FDID")),
            {ID: "pass"},
            {"remark": "Azure service"},
        ),
        (
            "another service with the header",
            restricted({**front_door("x-azure-fdid", "1"), "ipAddress": "AzureFrontDoor.Backend,AppService"}),
            {ID: "pass"},
            {"remark": "Azure service"},
        ),
        (
            "a region of Azure",
            restricted(rule("AzureCloud.westeurope", tag="ServiceTag")),
            {ID: "fail"},
            {"reason": "every Azure customer"},
        ),
        (
            "all of Azure and all networks",
            restricted(rule("AzureCloud", tag="ServiceTag"), rule("Any")),
            {ID: "fail"},
            {"reason": "Every network"},
        ),
        (
            "all of Azure and a new kind of rule",
            restricted(rule("AzureCloud", tag="ServiceTag"), rule("203.0.113.0/24", tag="Other")),
            {ID: "fail"},
            {"reason": "every Azure customer"},
        ),
        (
            "the Internet",
            restricted(rule("Storage, Internet", tag="ServiceTag")),
            {ID: "fail"},
            {"reason": "Every network"},
        ),
        ("a new kind of rule", restricted(rule("203.0.113.0/24", tag="Other")), {ID: "unknown"}),
        ("a new action", restricted(rule("203.0.113.0/24", action="Ask")), {ID: "unknown"}),
        ("any subnet", restricted(rule("AnyVnets")), {ID: "unknown"}),
        ("no address", restricted(rule(None)), {ID: "unknown"}),
        ("the rules are text", configured(ipSecurityRestrictions="none"), {ID: "unknown"}),
        (
            "in an environment",
            configured(app(**ENVIRONMENT)),
            {ID: "unknown"},
            {"reason": "App Service Environment"},
        ),
        (
            "in an environment, off",
            configured(app(publicNetworkAccess="Disabled", **ENVIRONMENT)),
            {ID: "pass"},
        ),
        (
            "in an environment, restricted",
            restricted(rule("10.0.0.0/8"), body=app(**ENVIRONMENT)),
            {ID: "unknown"},
        ),
        (
            "a slot",
            {**with_slot(publicNetworkAccess="Enabled"), "web_configs": [config(), config(SLOT)]},
            {ID: "fail", SLOT: "fail"},
        ),
        NO_CONFIG,
        CONFIG_ABSENT,
        NO_LIST,
        NONE,
    ),
]

ABSENCE_PASSES = [
    (
        "webapp-client-cert",
        r"properties\.clientCertExclusionPaths",
        "without excluded paths, the whole app needs a certificate; it only adds a remark",
    ),
    ("webapp-tls", r"properties\.scmMinTlsVersion", "the version of the advanced tools only adds a remark"),
    (
        "webapp-cors",
        r"properties\.cors(\.allowedOrigins|\.supportCredentials)?",
        "without origins, browsers let no script of another website read answers",
    ),
    (
        "webapp-pna",
        r"properties\.publicNetworkAccess",
        "if the app itself has no setting, the setting of its configuration counts",
    ),
    (
        "webapp-pna",
        r"properties\.ipSecurityRestrictionsDefaultAction",
        "as soon as there is a rule, networks without a rule are refused by default",
    ),
    (
        "webapp-pna",
        r"properties\.ipSecurityRestrictions\[\]\.(tag|subnetMask|vnetSubnetResourceId)",
        "a rule without a tag is about addresses, and without a mask about one address or a network",
    ),
    (
        "webapp-pna",
        r"properties\.ipSecurityRestrictions\[\]\.headers",
        "headers of a rule only decide about a remark",
    ),
]
OFFICIAL_VERDICTS = """
webapp-client-cert fail: sitef6141 staging
webapp-cors pass: sitef6141 staging
webapp-ftps fail: sitef6141 staging
webapp-http2 fail: sitef6141 staging
webapp-https-only fail: sitef6141 staging
webapp-identity fail: sitef6141 staging
webapp-pna fail: sitef6141
webapp-pna pass: staging
webapp-remote-debug pass: sitef6141 staging
webapp-tls pass: sitef6141 staging
"""
APPS_PAGE = DocsFile(
    "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
    "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
    "search for and select App Services",
)
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › Client certificate mode › Required",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/app-service-web-configure-tls-mutual-auth.md",
            "04cb5e080fa6b7a4c85d8cdc8da13e3533818963",
            "select Configuration > General Settings",
            "Select Client certificate mode of choice",
            "Required: All requests require a client certificate",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › API › CORS › Allowed origins",
        APPS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/azure-functions/functions-how-to-use-azure-function-app-settings.md",
            "030d2016b7bbd03cb586852ff869bf5cc2767ee9",
            "The left pane is where you access the many features of the App Service platform",
            "App Service features in the Azure portal that are useful for Functions: CORS",
            "When you configure the Allowed origins list for your function app",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/logic-apps/call-azure-functions-from-workflows.md",
            "875954d9dd0fef93a0abcfe603ab7b4b3a362a38",
            "On the function app menu, under API, select CORS",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › FTP state › Disabled",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
            "FTP state: Allow only FTPS or disable FTP altogether",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/deploy-ftp.md",
            "02d00dc8728a58aaf3d8af94e7223857d9a6155f",
            "To disable both FTP and FTPS entirely, select Disabled",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › HTTP version › 2.0",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
            "HTTP version: Set to 2.0 to enable support",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › HTTPS Only",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
            "HTTPS Only: When enabled, all HTTP traffic is redirected to HTTPS",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Settings › Identity › System assigned › Status › On",
        APPS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/overview-managed-identity.md",
            "025127781aa62e061d987a3c66145d476b2c8893",
            "scroll down to the Settings group in the left navigation",
            "Select Identity",
            "Within the System assigned tab, switch Status to On",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Settings › Networking › Public network access",
        APPS_PAGE,
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/app-service-ip-restrictions.md",
            "01506d48ecb5b473a5525997b89e772006030831",
            "On the service menu, select Settings > Networking",
            "select the Public network access setting",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › Debugging",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
            "Debugging: Enable remote debugging",
        ),
    ),
    ComparedPath(
        "Azure portal › App Services › {app} › Configuration › General settings › Minimum Inbound TLS Version",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/configure-common.md",
            "e659e3a2cde9f50c4ae7284f9be9ddb9054db5e2",
            "search for and select App Services, and then select your app",
            "In the app's left menu, select Configuration > General settings",
        ),
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/app-service/overview-tls.md",
            "0299115c58088257c5fde4a49797eb027323d770",
            "On Minimum Inbound TLS Version, using the dropdown, select your desired version",
        ),
    ),
]
