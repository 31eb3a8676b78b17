"""Microsoft's examples of an app of App Service and its deployment slot. `bodies` describes how the examples were
changed.

The slot has the configuration of the app. Sources in https://github.com/Azure/azure-rest-api-specs:

- specification/web/resource-manager/Microsoft.Web/AppService/stable/2025-05-01/examples: ListWebApps,
  CreateOrUpdateWebAppSlot, GetSiteConfig, GetAuthSettingsV2WithoutSecrets, GetAppServicePlan,
  GetKeyVaultReferencesForAppSettings
- the examples of version 2023-12-01: parts of GetWebAppStacks and GetFunctionAppStacks,
  ListPublishingCredentialsPolicies, and GetSitePrivateEndpointConnection (as the only element of the slot's list)
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import doc
from tests.assessments.official.bodies import PROVIDERS, SITE, Bodies

_SLOT = f"{SITE}/slots/staging"


def _app(identifier: str, kind: str, **more: Any) -> dict[str, Any]:
    return doc(
        identifier,
        {
            "availabilityState": "Normal",
            "clientAffinityEnabled": True,
            "clientCertEnabled": False,
            "clientCertMode": "Required",
            "enabled": True,
            "httpsOnly": False,
            "hyperV": False,
            "isXenon": False,
            "keyVaultReferenceIdentity": "SystemAssigned",
            "redundancyMode": "None",
            "reserved": False,
            "serverFarmId": f"{PROVIDERS}/Microsoft.Web/serverfarms/DefaultAsp",
            "state": "Running",
            "storageAccountRequired": False,
            "usageState": "Normal",
        },
        type=kind,
        kind="app",
        location="East US",
        **more,
    )


def _config(app: str) -> dict[str, Any]:
    return doc(
        f"{app}/config/web",
        {
            "acrUseManagedIdentityCreds": False,
            "alwaysOn": False,
            "azureStorageAccounts": {},
            "ftpsState": "AllAllowed",
            "http20Enabled": False,
            "httpLoggingEnabled": False,
            "linuxFxVersion": "",
            "minTlsVersion": "1.2",
            "netFrameworkVersion": "v4.0",
            "nodeVersion": "",
            "phpVersion": "5.6",
            "powerShellVersion": "",
            "pythonVersion": "",
            "remoteDebuggingEnabled": False,
            "scmMinTlsVersion": "1.2",
            "vnetName": "",
            "vnetRouteAllEnabled": False,
        },
        type="Microsoft.Web/sites/config",
        kind="app",
    )


def _policies(app: str) -> list[dict[str, Any]]:
    kind = "Microsoft.Web/sites/basicPublishingCredentialsPolicies"
    return [
        doc(f"{app}/basicPublishingCredentialsPolicies/{name}", {"allow": True}, type=kind)
        for name in ("ftp", "scm")
    ]


def _stack(kind: str, name: str, major: str, minor: str, **settings: Any) -> dict[str, Any]:
    minors = [{"displayText": minor, "value": minor, "stackSettings": settings}]
    majors = [{"displayText": major, "value": major, "minorVersions": minors}]
    properties = {"displayText": name, "value": name, "majorVersions": majors}
    return doc(f"/providers/Microsoft.Web/{kind}/{name}", properties, type=f"Microsoft.Web/{kind}")


_PHP = _stack(
    "webAppStacks",
    "php",
    "5",
    "5.6",
    windowsRuntimeSettings={
        "runtimeVersion": "5.6",
        "isDeprecated": True,
        "remoteDebuggingSupported": False,
        "endOfLifeDate": "2023-12-01T00:00:00+00:00",
    },
)
_DOTNET = _stack(
    "functionAppStacks",
    "dotnet",
    "3",
    "3.1",
    windowsRuntimeSettings={"runtimeVersion": "3.1", "remoteDebuggingSupported": False},
    linuxRuntimeSettings={"runtimeVersion": "dotnet|3.1", "remoteDebuggingSupported": False},
)

SUBSCRIPTION: Bodies = {
    "function_stacks": {"": [_DOTNET]},
    "web_stacks": {"": [_PHP]},
    "web_sites": [_app(SITE, "Microsoft.Web/sites")],
    # As in the example, the name of the slot begins with the name of the app.
    "web_slots": [{**_app(_SLOT, "Microsoft.Web/sites/slots"), "name": "sitef6141/staging"}],
    "web_configs": [_config(SITE), _config(_SLOT)],
    "web_endpoints": [
        {
            "id": f"{_SLOT}/privateEndpointConnections/connection",
            "properties": {
                "provisioningState": "Succeeded",
                "privateEndpoint": {
                    "id": f"{PROVIDERS}/Microsoft.Network/privateEndpoints/myPrivateEndpoint"
                },
                "privateLinkServiceConnectionState": {
                    "status": "Approved",
                    "description": "Approved by admin.",
                    "actionsRequired": "",
                },
            },
        }
    ],
    "web_publishing": [*_policies(SITE), *_policies(_SLOT)],
    "web_plans": [
        doc(
            f"{PROVIDERS}/Microsoft.Web/serverfarms/testsf6141",
            {"isSpot": False, "maximumNumberOfWorkers": 20, "reserved": False, "status": "Ready"},
            type="Microsoft.Web/serverfarms",
            kind="app",
            location="East US",
            sku={"name": "P1", "capacity": 1, "family": "P", "size": "P1", "tier": "Premium"},
        )
    ],
    # The example has a second reference with the same properties, which was left out.
    "web_references": [
        {
            "id": f"{SITE}/config/configreferences/appsettings/secretName",
            "properties": {
                "secretName": "secretName",
                "secretVersion": "secretVersion",
                "vaultName": "keyVaultName",
            },
        }
    ],
    "web_auth": [
        doc(
            f"{SITE}/config/authsettingsv2",
            {
                "globalValidation": {
                    "excludedPaths": ["/nosecrets/Path"],
                    "requireAuthentication": True,
                    "unauthenticatedClientAction": "Return403",
                },
                "httpSettings": {"requireHttps": True, "routes": {"apiPrefix": "/authv2/"}},
                "identityProviders": {
                    "google": {
                        "enabled": True,
                        "registration": {"clientSecretSettingName": "ClientSecret"},
                    }
                },
                "login": {"tokenStore": {"enabled": True}},
                "platform": {"configFilePath": "/auth/config.json", "enabled": True, "runtimeVersion": "~1"},
            },
            type="Microsoft.Web/sites/authsettingsv2",
            kind="app",
        )
    ],
}

DEFINED = {
    "web_sites": """
    identity.principalId identity.type identity.userAssignedIdentities.{}.principalId kind
    properties.clientCertEnabled properties.clientCertExclusionPaths properties.clientCertMode
    properties.functionAppConfig.runtime.name properties.functionAppConfig.runtime.version
    properties.hostingEnvironmentProfile.id properties.httpsOnly
    properties.outboundVnetRouting.allTraffic properties.outboundVnetRouting.applicationTraffic
    properties.publicNetworkAccess properties.serverFarmId properties.state
    properties.virtualNetworkSubnetId tags.{}""",
    "web_slots": """
    identity kind properties.clientCertEnabled properties.clientCertMode properties.functionAppConfig
    properties.hostingEnvironmentProfile properties.httpsOnly properties.publicNetworkAccess
    properties.state""",
    "web_configs": """
    properties.cors.allowedOrigins properties.cors.supportCredentials properties.ftpsState
    properties.http20Enabled properties.ipSecurityRestrictionsDefaultAction
    properties.ipSecurityRestrictions[].action properties.ipSecurityRestrictions[].headers.{}
    properties.ipSecurityRestrictions[].ipAddress properties.ipSecurityRestrictions[].subnetMask
    properties.ipSecurityRestrictions[].tag properties.ipSecurityRestrictions[].vnetSubnetResourceId
    properties.javaVersion properties.linuxFxVersion properties.minTlsVersion
    properties.netFrameworkVersion properties.phpVersion properties.powerShellVersion
    properties.publicNetworkAccess properties.pythonVersion properties.remoteDebuggingEnabled
    properties.scmMinTlsVersion properties.windowsFxVersion""",
    "web_endpoints": "properties.privateLinkServiceConnectionState.status",
    "web_publishing": "properties.allow",
    "web_auth": """
    properties.globalValidation.excludedPaths properties.globalValidation.requireAuthentication
    properties.globalValidation.unauthenticatedClientAction properties.platform.enabled""",
    "web_plans": "sku.tier",
    "web_references": "properties.status",
    "web_stacks": """
    properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.endOfLifeDate
    properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.isDeprecated
    properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.java11Runtime
    properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.java8Runtime
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.endOfLifeDate
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.isAutoUpdate
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.isDeprecated
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.runtimeVersion
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.endOfLifeDate
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.isAutoUpdate
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.isDeprecated
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.runtimeVersion
    properties.majorVersions[].value""",
    "function_stacks": """
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.endOfLifeDate
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.isAutoUpdate
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.isDeprecated
    properties.majorVersions[].minorVersions[].stackSettings.linuxRuntimeSettings.runtimeVersion
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.endOfLifeDate
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.isDeprecated
    properties.majorVersions[].minorVersions[].stackSettings.windowsRuntimeSettings.runtimeVersion
    properties.majorVersions[].value""",
}

UNDEFINED = {
    "web_sites": {
        "properties.vnetRouteAllEnabled": (
            "Earlier versions have it in place of outboundVnetRouting; clouds that lack the requested"
            " version return it."
        ),
    },
    "web_stacks": {
        "properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.java21Runtime": (
            "The model names the versions 8 and 11 of Java only. Azure adds a property for each later"
            " version."
        ),
        "properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings.java25Runtime": (
            "The model names the versions 8 and 11 of Java only. Azure adds a property for each later"
            " version."
        ),
    },
    "function_stacks": {
        "properties.majorVersions[].minorVersions[].stackSettings.linuxContainerSettings": (
            "Stacks of web apps have this property, and the control reads both kinds of stacks in the same"
            " way."
        ),
    },
}
