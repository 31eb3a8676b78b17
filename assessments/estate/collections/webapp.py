"""Apps of App Service and Azure Functions, and their deployment slots."""

from __future__ import annotations

from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, SINGLE, arm, child, listed, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, GENERAL
from assessments.estate.logs.resource_logs import web_apps_with_logs
from assessments.estate.services import runtimes, web_apps

_LIBRARY = "azure-mgmt-web 11.0.0"

_VERSION = "2025-05-01"
_SPECIFICATION = "web/resource-manager/Microsoft.Web/stable/2023-12-01/CommonDefinitions.json"

WEB_SITES = listed(
    "web_sites",
    f"Microsoft.Web/sites@{_VERSION}",
    "Web apps and function apps",
    prepare=web_apps.without_secrets,
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-12-01", _SPECIFICATION),
    definition=Definition("azure.mgmt.web.models:Site", library=_LIBRARY),
)
WEB_SLOTS = child(
    "web_sites",
    "web_slots",
    f"Microsoft.Web/sites/slots@{_VERSION}",
    "Deployment slots of apps",
    targets=web_apps.sites_with_slots,
    after=("web_sites", "resources"),
    prepare=web_apps.without_secrets,
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-12-01", _SPECIFICATION),
    definition=Definition("azure.mgmt.web.models:Site", library=_LIBRARY),
)
# The list of apps also returns configurations, but they are incomplete, so each configuration is read by itself.
WEB_CONFIGS = arm(
    "web_configs",
    f"Microsoft.Web/sites/config@{_VERSION}",
    "Configurations of apps",
    path="{scope}/config/web",
    with_permissions=("Microsoft.Web/sites/slots/config/read",),
    targets=web_apps.apps,
    after=web_apps.APPS,
    prepare=web_apps.without_credentials,
    **SINGLE,
    error_codes=GENERAL,
    **since("2023-12-01", _SPECIFICATION),
    definition=Definition("azure.mgmt.web.models:SiteConfigResource", library=_LIBRARY),
)
WEB_ENDPOINTS = arm(
    "web_endpoints",
    f"Microsoft.Web/sites/privateEndpointConnections@{_VERSION}",
    "Private endpoints of apps without a setting of public network access",
    path="{scope}/privateEndpointConnections",
    with_permissions=("Microsoft.Web/sites/slots/privateEndpointConnections/read",),
    targets=web_apps.apps_with_default_access,
    after=(*web_apps.APPS, "web_configs"),
    error_codes=GENERAL,
    **since("2023-12-01", _SPECIFICATION),
    definition=Definition(
        "azure.mgmt.web.models:RemotePrivateEndpointConnectionARMResource", library=_LIBRARY
    ),
)
WEB_PUBLISHING = arm(
    "web_publishing",
    f"Microsoft.Web/sites/basicPublishingCredentialsPolicies@{_VERSION}",
    "Basic authentication of deployments of apps",
    path="{scope}/basicPublishingCredentialsPolicies",
    with_permissions=("Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies/read",),
    targets=web_apps.apps,
    after=web_apps.APPS,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/WebApps.json"),
    definition=Definition("azure.mgmt.web.models:CsmPublishingCredentialsPoliciesEntity", library=_LIBRARY),
)
# A GET returns the settings without secrets; the POST of `config/authsettingsV2/list` would return secrets too.
WEB_AUTH = arm(
    "web_auth",
    f"Microsoft.Web/sites/config@{_VERSION}",
    "Authentication of apps",
    path="{scope}/config/authsettingsV2",
    with_permissions=("Microsoft.Web/sites/slots/config/read",),
    targets=web_apps.apps,
    after=web_apps.APPS,
    **SINGLE,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/WebApps.json"),
    definition=Definition("azure.mgmt.web.models:SiteAuthSettingsV2", library=_LIBRARY),
)
WEB_PLANS = listed(
    "web_plans",
    f"Microsoft.Web/serverFarms@{_VERSION}",
    "App Service plans",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/AppServicePlans.json"),
    definition=Definition("azure.mgmt.web.models:AppServicePlan", library=_LIBRARY),
)
WEB_REFERENCES = arm(
    "web_references",
    f"Microsoft.Web/sites/config@{_VERSION}",
    "Key vault references of apps",
    path="{scope}/config/configreferences/appsettings",
    with_permissions=("Microsoft.Web/sites/slots/config/read",),
    targets=web_apps.apps,
    after=web_apps.APPS,
    prepare=web_apps.without_references,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/WebApps.json"),
    definition=Definition("azure.mgmt.web.models:ApiKVReference", library=_LIBRARY),
)
# These lists name the language versions that App Service supports. The lists are the same for all subscriptions of a
# cloud, so the units of an assessment share them.
WEB_STACKS = arm(
    "web_stacks",
    f"Microsoft.Web/webAppStacks@{_VERSION}",
    "Runtimes of web apps",
    path="/providers/Microsoft.Web/webAppStacks",
    targets=runtimes.if_apps,
    after=web_apps.APPS,
    prepare=runtimes.without_bulk,
    shared=True,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/Provider.json"),
    definition=Definition("azure.mgmt.web.models:WebAppStack", library=_LIBRARY),
)
FUNCTION_STACKS = arm(
    "function_stacks",
    f"Microsoft.Web/functionAppStacks@{_VERSION}",
    "Runtimes of function apps",
    path="/providers/Microsoft.Web/functionAppStacks",
    targets=runtimes.if_apps,
    after=web_apps.APPS,
    prepare=runtimes.without_bulk,
    shared=True,
    error_codes=GENERAL,
    **since("2023-12-01", "web/resource-manager/Microsoft.Web/stable/2023-12-01/Provider.json"),
    definition=Definition("azure.mgmt.web.models:FunctionAppStack", library=_LIBRARY),
)
WEB_APP_LOG_SETTINGS = arm(
    "web_app_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of web apps",
    after=("web_sites",),
    targets=web_apps_with_logs,
    error_codes=DIAGNOSTIC_SETTINGS,
    **since(
        "2017-05-01-preview",
        "monitor/resource-manager/Microsoft.Insights/preview/2017-05-01-preview/diagnosticsSettings_API.json",
        {
            "properties.logs[].categoryGroup": "2021-05-01-preview",
            "properties.marketplacePartnerId": "2021-05-01-preview",
        },
    ),
    definition=DIAGNOSTIC_SETTING,
)
