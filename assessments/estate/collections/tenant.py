"""Settings of a directory that Azure Resource Manager returns at tenant scope, the level above the root
management group.

A role that is assigned at a subscription or at the root management group does not permit these requests.
https://learn.microsoft.com/azure/role-based-access-control/scope-overview
"""

from __future__ import annotations

from assessments.estate.collection import Definition
from assessments.estate.collections.declare import OPTIONAL, of_tenant, since
from assessments.estate.documented_codes import GENERAL

_COMMIT = "025206934d8c0d2f44f4ac90882f209f251290f7"

# Every user can read this policy. The list of exempted users in the policy may be missing, because Azure shows the list
# only to Global Administrators:
# https://learn.microsoft.com/azure/cost-management-billing/manage/manage-azure-subscription-policy
SUBSCRIPTION_POLICY = of_tenant(
    "subscription_policy",
    "/providers/Microsoft.Subscription/policies/default",
    "2021-10-01",
    "Policy on moving subscriptions between directories",
    **OPTIONAL,
    error_codes=GENERAL,
    **since(
        "2021-10-01",
        "subscription/resource-manager/Microsoft.Subscription/stable/2021-10-01/subscriptions.json",
    ),
    definition=Definition("GetTenantPolicyResponse", commit="108950b36624ae7a4f1479f66a0d7bdfe03878e6"),
)
ENTRA_LOG_SETTINGS = of_tenant(
    "entra_log_settings",
    "/providers/Microsoft.aadiam/diagnosticSettings",
    "2017-04-01",
    "Diagnostic settings of Microsoft Entra ID",
    error_codes=GENERAL,
    **since(
        "2017-04-01",
        "azureactivedirectory/resource-manager/Microsoft.Aadiam/stable/2017-04-01/azureactivedirectory.json",
    ),
    definition=Definition("DiagnosticSettingsResource", commit=_COMMIT),
)
INTUNE_LOG_SETTINGS = of_tenant(
    "intune_log_settings",
    "/providers/Microsoft.Intune/diagnosticSettings",
    "2017-04-01-preview",
    "Diagnostic settings of Microsoft Intune",
    error_codes=GENERAL,
    # Microsoft publishes no specification of this request. The answer has the shape of the diagnostic settings of
    # Microsoft Entra ID, so the specification of those settings is named here.
    **since(
        "2017-04-01-preview",
        "azureactivedirectory/resource-manager/Microsoft.Aadiam/stable/2017-04-01/azureactivedirectory.json",
    ),
    definition=Definition("DiagnosticSettingsResource", commit=_COMMIT),
)
