"""Microsoft's examples of key vaults and managed HSMs. `bodies` describes how the examples were changed.

Sources in https://github.com/Azure/azure-rest-api-specs:
specification/keyvault/resource-manager/Microsoft.KeyVault/KeyVault/examples/2026-02-01: listVaultBySubscription.json,
createVaultWithNetworkAcls.json, ManagedHsm_ListBySubscription.json, listKeys.json, getKey.json, listSecrets.json
"""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import RG, SUB, TENANT, doc
from tests.assessments.official.bodies import LOG_SETTINGS, Bodies, all_logs

VAULTS = f"{RG}/providers/Microsoft.KeyVault/vaults"
HSMS = f"{RG}/providers/Microsoft.KeyVault/managedHSMs"


def _vault(name: str, tier: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{VAULTS}/{name}",
        {
            "enabledForDeployment": True,
            "enabledForDiskEncryption": True,
            "enabledForTemplateDeployment": True,
            "hsmPoolResourceId": "00000000-0000-0000-0000-000000000000",
            "sku": {"name": tier, "family": "A"},
            "tenantId": TENANT,
            "vaultUri": f"https://{name}.vault.azure.net/",
            **properties,
        },
        location="westus",
        tags={},
        type="Microsoft.KeyVault/vaults",
    )


_KEYS = ("sample-key-name-1", "sample-key-name-2")


def _key(name: str, **properties: Any) -> dict[str, Any]:
    return doc(
        f"{VAULTS}/sample-vault/keys/{name}",
        {
            "attributes": {
                "created": 1596493796,
                "enabled": True,
                "recoveryLevel": "Purgeable",
                "updated": 1596493796,
            },
            "keyUri": f"https://sample-vault-name.vault.azure.net:443/keys/{name}",
            **properties,
        },
        location="westus",
        type="Microsoft.KeyVault/vaults/keys",
    )


SUBSCRIPTION: Bodies = {
    "key_vaults": [
        _vault(
            "sample-vault",
            "premium",
            accessPolicies=[
                {
                    "objectId": "00000000-0000-0000-0000-000000000000",
                    "permissions": {"certificates": ["get"], "keys": ["encrypt"], "secrets": ["get"]},
                    "tenantId": TENANT,
                }
            ],
            enableSoftDelete=True,
            provisioningState="Succeeded",
        ),
        _vault(
            "sample-vault2",
            "standard",
            networkAcls={
                "bypass": "AzureServices",
                "defaultAction": "Deny",
                # As in the example, the second value contains quotation marks.
                "ipRules": [{"value": "124.56.78.91/32"}, {"value": "'10.91.4.0/24'"}],
                "virtualNetworkRules": [
                    {
                        "id": "/subscriptions/subid/resourcegroups/rg1/providers/microsoft.network"
                        "/virtualnetworks/test-vnet/subnets/subnet1"
                    }
                ],
            },
        ),
    ],
    "key_vault_keys": [_key(name) for name in _KEYS],
    "key_vault_key_policies": [
        _key(
            name,
            keyOps=["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
            keySize=2048,
            keyUriWithVersion="https://sample-vault-name.vault.azure.net:443/keys/sample-key-name"
            "/fd618d9519b74f9aae94ade66b876acc",
            kty="RSA",
        )
        for name in _KEYS
    ],
    "key_vault_secrets": [
        doc(
            f"{VAULTS}/sample-vault/secrets/{name}",
            {
                "attributes": {"created": 1514941476, "enabled": True, "updated": 1514941476},
                "secretUri": f"https://sample-vault.vault.azure.net/secrets/{name}",
                "secretUriWithVersion": f"https://sample-vault.vault.azure.net/secrets/{name}/{version}",
            },
            location="westus",
            type="Microsoft.KeyVault/vaults/secrets",
        )
        for name, version in (
            ("secret-name", "40af42fbc10047f8a756a73211492f56"),
            ("secret-name2", "cd7264a6f56c44d1b594423c80609aae"),
        )
    ],
    # From https://learn.microsoft.com/azure/governance/policy/how-to/get-compliance-data, with the id of the policy
    # definition for which Surety requests the states.
    "certificate_policy_states": {
        SUB: [
            doc(
                f"{VAULTS}/sample-vault2/providers/Microsoft.PolicyInsights/policyStates/latest",
                {
                    "complianceState": "Compliant",
                    "resourceId": f"{VAULTS}/sample-vault2",
                    "policyAssignmentId": (
                        f"{SUB}/providers/microsoft.authorization/policyassignments/securitycenterbuiltin"
                    ),
                    "policyAssignmentName": "SecurityCenterBuiltIn",
                    "policyAssignmentParameters": "",
                    "policyDefinitionId": (
                        "/providers/microsoft.authorization/policydefinitions/0a075868-4c26-42ef-914c-5bc007359560"
                    ),
                    "policySetDefinitionId": (
                        "/providers/Microsoft.Authorization/policySetDefinitions/1f3afdf9-d0c9-4c3d-847f-89da613e70a8"
                    ),
                },
                type="Microsoft.PolicyInsights/policyStates",
            )
        ]
    },
    # From the same example as `sql_audit_settings` in bodies_sql.
    "key_vault_log_settings": {
        f"{VAULTS}/sample-vault": [
            all_logs(f"{VAULTS}/sample-vault", type="Microsoft.Insights/diagnosticSettings")
        ]
    },
    "managed_hsms": [
        doc(
            f"{HSMS}/hsm1",
            {
                "enablePurgeProtection": False,
                "enableSoftDelete": True,
                "hsmUri": "https://westus.hsm1.managedhsm.azure.net",
                "initialAdminObjectIds": ["00000000-0000-0000-0000-000000000000"],
                "provisioningState": "Succeeded",
                "softDeleteRetentionInDays": 90,
                "statusMessage": "ManagedHsm is functional.",
                "tenantId": TENANT,
            },
            location="westus",
            sku={"name": "Standard_B1", "family": "B"},
            tags={"Dept": "hsm", "Environment": "dogfood"},
            type="Microsoft.KeyVault/managedHSMs",
        )
    ],
}

MAY_BE_ABSENT = {"key_vault_key_policies"}

DEFINED = {
    "key_vaults": """
    properties.accessPolicies properties.enablePurgeProtection properties.enableRbacAuthorization
    properties.enableSoftDelete properties.networkAcls.defaultAction
    properties.networkAcls.ipRules[].value
    properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status
    properties.privateEndpointConnections[].properties.provisioningState properties.publicNetworkAccess
    properties.sku.name properties.softDeleteRetentionInDays""",
    "managed_hsms": """
    properties.enablePurgeProtection properties.enableSoftDelete properties.softDeleteRetentionInDays""",
    "key_vault_keys": """
    properties.attributes.created properties.attributes.enabled properties.attributes.exp
    properties.attributes.nbf""",
    "key_vault_key_policies": """
    properties.rotationPolicy.lifetimeActions[].action.type
    properties.rotationPolicy.lifetimeActions[].trigger.timeAfterCreate
    properties.rotationPolicy.lifetimeActions[].trigger.timeBeforeExpiry""",
    "key_vault_secrets": """
    properties.attributes.created properties.attributes.enabled properties.attributes.exp""",
    "key_vault_log_settings": LOG_SETTINGS,
    "certificate_policy_states": """
    properties.complianceState properties.policyAssignmentName properties.policyAssignmentParameters
    properties.policySetDefinitionId properties.resourceId""",
}

UNDEFINED = {
    "certificate_policy_states": {
        "properties.policyAssignmentParameters.certificatesValidityPeriodInMonths.value": (
            "A parameter of Microsoft's benchmark: AzureSecurityCenter.json of Azure/azure-policy names it"
        ),
        "properties.policyAssignmentParameters.maximumValidityInMonths.value": (
            "A parameter of the definition: Certificates_ValidityPeriod.json of Azure/azure-policy names it"
        ),
    },
}
