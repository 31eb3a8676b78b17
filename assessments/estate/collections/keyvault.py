"""Key vaults with their keys and secrets, and managed HSMs."""

from __future__ import annotations

from assessments.estate import targets as t
from assessments.estate.collection import Definition, Inventory
from assessments.estate.collections.declare import DIAGNOSTIC_SETTING, OPTIONAL, arm, child, listed, since
from assessments.estate.documented_codes import DIAGNOSTIC_SETTINGS, GENERAL
from assessments.estate.governance.certificate_policies import (
    DEFINITION,
    STATES_OF_CERTIFICATES,
    subscription_with_vaults,
)

_COMMIT = "7250eab4ae0da14fdf4c17c423a32afc598117a2"
_FILE = "keyvault/resource-manager/Microsoft.KeyVault/KeyVault/stable/2026-02-01/openapi.json"

# The api-version 2026-02-01 is requested first, because Azure retires all older versions on 27 February 2027:
# https://learn.microsoft.com/azure/key-vault/general/access-control-default
KEY_VAULTS = listed(
    "key_vaults",
    "Microsoft.KeyVault/vaults@2026-02-01",
    "Key vaults",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/keyvault.json"),
    definition=Definition("Vault", commit=_COMMIT, file=_FILE),
)
MANAGED_HSMS = listed(
    "managed_hsms",
    "Microsoft.KeyVault/managedHSMs@2026-02-01",
    "Managed HSMs",
    inventory=Inventory.CONFIGURATION,
    error_codes=GENERAL,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/managedHsm.json"),
    definition=Definition("ManagedHsm", commit=_COMMIT, file=_FILE),
)
KEY_VAULT_KEYS = child(
    "key_vaults",
    "key_vault_keys",
    "Microsoft.KeyVault/vaults/keys@2026-02-01",
    "Keys of key vaults",
    error_codes=GENERAL,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/keys.json"),
    definition=Definition("Key", commit=_COMMIT, file=_FILE),
)
# The list of keys lacks the rotation policies, so each key is read on its own.
KEY_VAULT_KEY_POLICIES = arm(
    "key_vault_key_policies",
    "Microsoft.KeyVault/vaults/keys@2026-02-01",
    "Rotation policies of keys",
    path="{scope}",
    after=("key_vault_keys",),
    targets=t.enabled_keys,
    **OPTIONAL,
    error_codes=GENERAL,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/keys.json"),
    definition=Definition("Key", commit=_COMMIT, file=_FILE),
)
# Azure Resource Manager returns properties of secrets, but never their values.
KEY_VAULT_SECRETS = child(
    "key_vaults",
    "key_vault_secrets",
    "Microsoft.KeyVault/vaults/secrets@2026-02-01",
    "Secrets of key vaults",
    error_codes=GENERAL,
    **since("2023-07-01", "keyvault/resource-manager/Microsoft.KeyVault/stable/2023-07-01/secrets.json"),
    definition=Definition("Secret", commit=_COMMIT, file=_FILE),
)
KEY_VAULT_LOG_SETTINGS = arm(
    "key_vault_log_settings",
    "Microsoft.Insights/diagnosticSettings@2021-05-01-preview",
    "Diagnostic settings of key vaults and managed HSMs",
    after=("key_vaults", "managed_hsms"),
    targets=t.vaults_and_hsms,
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
CERTIFICATE_POLICY_STATES = arm(
    "certificate_policy_states",
    "Microsoft.PolicyInsights/policyStates@2024-10-01",
    "What Azure Policy says about certificates of key vaults",
    permission="Microsoft.PolicyInsights/policyStates/queryResults/read",
    after=("key_vaults",),
    targets=subscription_with_vaults,
    resource_graph=STATES_OF_CERTIFICATES,
    query_properties={"properties": {"policyDefinitionId": DEFINITION}},
    spans_scopes=True,
    error_codes=GENERAL,
    **since(
        "2024-10-01",
        "policyinsights/resource-manager/Microsoft.PolicyInsights/stable/2024-10-01/policyStates.json",
    ),
    definition=Definition("PolicyState", commit="96219f255c7f1d0ff9a4d9c5df3a22bfcf5cae29"),
)
