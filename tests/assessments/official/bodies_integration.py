"""Microsoft's examples of App Configuration, Data Factory, Automation and API Management. `bodies` describes how the
examples were changed.

Azure/azure-rest-api-specs: ConfigurationStoresList of Microsoft.AppConfiguration 2025-08-01-preview; Factories_List,
LinkedServices_ListByFactory and PrivateEndPointConnections_ListByFactory of Microsoft.DataFactory 2018-06-01;
getAutomationAccount and listVariables_First100 of Microsoft.Automation 2024-10-23;
ApiManagementListServiceBySubscription, ApiManagementListApis, ApiManagementListNamedValues and
ApiManagementListSubscriptions of Microsoft.ApiManagement 2024-05-01, ApiManagementListTenantAccess of 2022-08-01
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, doc
from tests.assessments.official.bodies import Bodies

_STORES = f"{RG}/providers/Microsoft.AppConfiguration/configurationStores"
_FACTORIES = f"{RG}/providers/Microsoft.DataFactory/factories"
_ACCOUNT = f"{RG}/providers/Microsoft.Automation/automationAccounts/myAutomationAccount9"
_SERVICES = f"{RG}/providers/Microsoft.ApiManagement/service"
_SERVICE = f"{_SERVICES}/OGF-Z3-06162021-Standard"

_GATEWAY = "Microsoft.WindowsAzure.ApiManagement.Gateway"
_PROTOCOLS = (
    "Protocols.Tls10",
    "Protocols.Tls11",
    "Backend.Protocols.Tls10",
    "Backend.Protocols.Tls11",
    "Backend.Protocols.Ssl30",
)


def _api(name: str, path: str) -> dict[str, Any]:
    return doc(
        f"{_SERVICE}/apis/{name}",
        {
            "displayName": path,
            "apiRevision": "1",
            "serviceUrl": "http://echoapi.cloudapp.net/api",
            "path": path,
            "protocols": ["https"],
            "isCurrent": True,
        },
        type="Microsoft.ApiManagement/service/apis",
    )


def _service(name: str, tier: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{_SERVICES}/{name}",
        {
            "publisherEmail": "bar@contoso.com",
            "provisioningState": "Succeeded",
            "gatewayUrl": f"https://{name.lower()}.azure-api.net",
            "virtualNetworkType": "None",
            "disableGateway": False,
            "publicNetworkAccess": "Enabled",
            **properties,
        },
        type="Microsoft.ApiManagement/service",
        location="East US",
        sku={"name": tier, "capacity": 0 if tier == "Consumption" else 2},
        tags={},
    )


SUBSCRIPTION: Bodies = {
    "app_configuration_stores": [
        doc(
            f"{_STORES}/contoso",
            {
                "creationDate": "2018-04-24T16:30:55+00:00",
                "dataPlaneProxy": {"authenticationMode": "Pass-through", "privateLinkDelegation": "Disabled"},
                "defaultKeyValueRevisionRetentionPeriodInSeconds": 2592000,
                "disableLocalAuth": False,
                "enablePurgeProtection": False,
                "encryption": {"keyVaultProperties": {"identityClientId": None, "keyIdentifier": None}},
                "endpoint": "https://contoso.azconfig.io",
                "privateEndpointConnections": [],
                "provisioningState": "Succeeded",
                "publicNetworkAccess": "Disabled",
                "softDeleteRetentionInDays": 30,
            },
            type="Microsoft.AppConfiguration/configurationStores",
            location="westus",
            sku={"name": "Standard"},
            tags={},
        )
    ],
    "data_factories": [
        doc(
            f"{_FACTORIES}/{name}",
            {
                "provisioningState": "Succeeded",
                "createTime": "2018-06-19T05:41:50.0041314Z",
                "version": "2018-06-01",
            },
            type="Microsoft.DataFactory/factories",
            location="East US",
            tags={},
        )
        for name in ("FactoryToUpgrade", "exampleFactoryName")
    ],
    "data_factory_endpoints": [
        doc(
            f"{_FACTORIES}/exampleFactoryName/privateEndpointConnections/myPrivateEndpoint",
            {
                "provisioningState": "Succeeded",
                "privateLinkServiceConnectionState": {
                    "status": "Approved",
                    "description": "Approved by admin.",
                    "actionsRequired": "exampleActionsRequired",
                },
            },
            type="Microsoft.DataFactory/factories/privateEndpointConnections",
        )
    ],
    "data_factory_linked_services": [
        doc(
            f"{_FACTORIES}/exampleFactoryName/linkedservices/myLinkedService",
            {
                "type": "AzureStorage",
                "typeProperties": {
                    "connectionString": {"type": "SecureString", "value": "**********"},
                    "encryptedCredential": "ew0KICAiVmVyc2lvbiI6ICIyMDE3LTExLTMwIiwNCiAgIlByb3RlY3Rpb25Nb2RlIjogIktl",
                },
                "description": "Example description",
            },
            type="Microsoft.DataFactory/factories/linkedservices",
        )
    ],
    "automation_accounts": [
        doc(
            _ACCOUNT,
            {
                "creationTime": "2017-03-26T01:13:43.267+00:00",
                "lastModifiedTime": "2017-03-26T01:13:43.267+00:00",
            },
            type="Microsoft.Automation/AutomationAccounts",
            location="East US 2",
            tags={},
        )
    ],
    "automation_settings": [
        doc(
            _ACCOUNT,
            {
                "sku": {"name": "Free"},
                "state": "Ok",
                "creationTime": "2017-03-26T01:13:43.267+00:00",
                "lastModifiedBy": "myEmailId@microsoft.com",
                "lastModifiedTime": "2017-03-26T01:13:43.267+00:00",
            },
            type="Microsoft.Automation/AutomationAccounts",
            location="East US 2",
            tags={},
        )
    ],
    "automation_variables": [
        doc(
            f"{_ACCOUNT}/variables/sampleVariable",
            {
                "creationTime": "2017-03-28T23:00:53.363+00:00",
                "lastModifiedTime": "2017-03-28T23:00:57.987+00:00",
                "isEncrypted": False,
                "value": '"ComputerName3.domain.com"',
                "description": None,
            },
        )
    ],
    "apim_services": [
        _service(
            "OGF-Z3-06162021-Standard",
            "Standard",
            createdAtUtc="2021-06-16T09:39:58.6555759Z",
            configurationApi={"legacyApi": "Enabled"},
            customProperties={
                f"{_GATEWAY}.Protocols.Server.Http2": "false",
                f"{_GATEWAY}.Security.Ciphers.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "true",
                f"{_GATEWAY}.Security.Ciphers.TripleDes168": "False",
                **{f"{_GATEWAY}.Security.{one}": "False" for one in (*_PROTOCOLS, "Protocols.Ssl30")},
            },
        ),
        _service(
            "vvktestcons",
            "Consumption",
            createdAtUtc="2020-08-10T18:07:23.4565211Z",
            enableClientCertificate=False,
            customProperties={
                **{f"{_GATEWAY}.Security.{one}": "False" for one in _PROTOCOLS},
                f"{_GATEWAY}.Protocols.Server.Http2": "False",
            },
        ),
    ],
    "apim_access": [
        doc(f"{_SERVICE}/tenant/access", {"enabled": True}, type="Microsoft.ApiManagement/service/tenant")
    ],
    "apim_apis": [_api("a1", "api1"), _api("echo-api", "echo")],
    "apim_named_values": [
        doc(
            f"{_SERVICE}/namedValues/592f1174cc83890dc4f32686",
            {
                "displayName": "Logger-Credentials-592f1174cc83890dc4f32687",
                "value": "propValue",
                "secret": False,
            },
            type="Microsoft.ApiManagement/service/namedValues",
        ),
        doc(
            f"{_SERVICE}/namedValues/testprop6",
            {
                "displayName": "prop6namekv",
                "keyVault": {
                    "secretIdentifier": "https://contoso.vault.azure.net/secrets/aadSecret",
                    "identityClientId": "2d2df842-44d8-4885-8dec-77cc1a984a31",
                    "lastStatus": {"code": "Success", "timeStampUtc": "2020-09-11T00:54:31.8024882Z"},
                },
                "tags": ["foo", "bar"],
                "secret": True,
            },
            type="Microsoft.ApiManagement/service/namedValues",
        ),
    ],
    "apim_subscriptions": [
        doc(
            f"{_SERVICE}/subscriptions/{name}",
            {
                "ownerId": f"{_SERVICE}/users/1",
                "scope": f"{_SERVICE}/products/5600b59475ff190048060001",
                "state": state,
                "createdDate": "2015-09-22T01:57:40.3Z",
            },
            type="Microsoft.ApiManagement/service/subscriptions",
        )
        for name, state in (("5600b59475ff190048070001", "active"), ("5931a769d8d14f0ad8ce13b8", "submitted"))
    ],
}

DEFINED = {
    "apim_services": """
    properties.createdAtUtc properties.customProperties.{} properties.publicNetworkAccess
    properties.virtualNetworkType sku.name""",
    "apim_access": "properties.enabled",
    "apim_apis": "properties.isCurrent properties.protocols",
    "apim_named_values": "properties.keyVault.secretIdentifier properties.secret",
    "apim_subscriptions": "properties.scope properties.state",
    "app_configuration_stores": """
    properties.disableLocalAuth properties.enablePurgeProtection
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    sku.name""",
    "automation_settings": "identity.type properties.disableLocalAuth properties.publicNetworkAccess",
    "automation_variables": "properties.isEncrypted",
    "data_factories": "properties.publicNetworkAccess",
    "data_factory_endpoints": """
    properties.privateLinkServiceConnectionState.status properties.provisioningState""",
}

UNDEFINED = {
    "data_factory_linked_services": {
        "properties.credentialProperties": (
            "Surety puts the names of properties with credentials in place of typeProperties"
        ),
    },
}
