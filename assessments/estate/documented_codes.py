"""Error codes that Microsoft documents: some for the requests of a few collections, others for all requests.

Each requested collection declares as `error_codes` the codes that the reference page of its request names. `GENERAL`
(no codes) is for collections whose page names none. Two tables of codes hold for all requests:

- `GENERAL_CODES`: codes that are documented for every request. Azure Resource Manager and Microsoft Graph send them
  themselves. Azure Resource Manager can refuse a request before the resource provider gets it.
- `PROVIDER_CODES`: codes that resource providers send even if the page of the request does not name them. Each of them
  means the same as the HTTP status of the answer.

If Surety does not know a code, the HTTP status decides.

Sources: https://learn.microsoft.com/azure/azure-resource-manager/management/overview,
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors,
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/resolve-auth-errors
"""

from __future__ import annotations

from assessments.estate.collection import Source

GENERAL: tuple[str, ...] = ()

SQL_SERVER = ("SubscriptionDoesNotHaveServer", "ServerNotInSubscriptionResourceGroup")
SQL_DATABASE = (
    "BlobAuditingIsNotSupportedOnResourceType",
    "SourceDatabaseNotFound",
    "DatabaseDoesNotExist",
    "DatabaseIsUnavailable",
)
SQL_KEYS = (
    "SecurityAdalPrincipalCertExpiredError",
    "SecurityInvalidAzureKeyVaultRecoveryLevel",
    "KeyMaterialNotFoundOnRemoteServer",
    "AzureKeyVaultRsaKeyNotSupported",
    "AzureKeyVaultKeyDisabled",
    "AzureKeyVaultInvalidExpirationDate",
    "AzureKeyVaultNoServerIdentity",
    "AzureKeyVaultMissingPermissions",
    "CanNotChangeReadOnlyDuringTdeScan",
    "EncryptionInProgress",
    "KeyChangeInProgress",
    "AzureKeyVaultConnectionFailed",
)
EXPRESS_ASSESSMENT = (
    "SqlVulnerabilityAssessmentInvalidUserSuppliedParameter",
    "SqlVulnerabilityAssessmentIsDisabled",
    "SubscriptionDoesNotHaveServer",
    "SqlVulnerabilityAssessmentStoragefullApiIsEnabled",
    "DatabaseIsUnavailable",
)
CLASSIC_ASSESSMENT = (
    "InvalidStorageAccountName",
    "InvalidStorageAccountCredentials",
    "VulnerabilityAssessmentUnsupportedStorageAccount",
    "VulnerabilityAssessmentADSIsDisabled",
    "VulnerabilityAssessmentStorageOutboundFirewallNotAllowed",
    "VulnerabilityAssessmentInsufficientStorageAccountPermissions",
    "VulnerabilityAssessmentStorageAccountIsDisabled",
    "SubscriptionDoesNotHaveServer",
)
ALERT_POLICY = (
    "SecurityAlertPoliciesInvalidStorageAccountName",
    "SecurityAlertPoliciesInvalidStorageAccountCredentials",
    "UpdateNotAllowedOnServerContainingPausedDWDatabase",
    "SecurityAlertPoliciesInsufficientDiskSpace",
    "SecurityAlertPoliciesInsufficientStorageAccountPermissions",
    "SecurityAlertPoliciesStorageAccountIsDisabled",
    "InvalidServerSecurityAlertPolicyCreateRequest",
    "DataSecurityInvalidUserSuppliedParameter",
    "UpsertServerSecurityAlertPolicyFailed",
    "SubscriptionDoesNotHaveServer",
    "ServerSecurityAlertPolicyInProgress",
    "DatabaseIsUnavailable",
    "GetServerSecurityAlertPolicyFailed",
)
THREAT_PROTECTION = (
    "UpdateNotAllowedOnServerContainingPausedDWDatabase",
    "AdvancedThreatProtectionInsufficientDiskSpace",
    "InvalidServerAdvancedThreatProtectionCreateRequest",
    "AdvancedThreatProtectionInvalidUserSuppliedParameter",
    "UpsertServerAdvancedThreatProtectionFailed",
    "SubscriptionDoesNotHaveServer",
    "ServerAdvancedThreatProtectionInProgress",
    "DatabaseIsUnavailable",
    "GetServerAdvancedThreatProtectionFailed",
)
STORAGE = (
    "InvalidHttpVerb",
    "MissingOrIncorrectVersionHeader",
    "MissingOrInvalidRequiredQueryParameter",
    "StorageAccountNameNotValid",
    "AuthenticationFailed",
    "SubscriptionDisabled",
    "SubscriptionStateForbidden",
    "StorageAccountBeingCreated",
    "StorageAccountIsNotProvisioned",
    "StorageAccountOperationInProgress",
    "TooManyRequests",
    "InternalError",
    "OperationTimedOut",
)
COMPUTE = ("OperationNotAllowed",)
DEFENDER = ("Subscription Not Registered",)
DIAGNOSTIC_SETTINGS = ("ResourceTypeNotSupported",)
REPORT = (
    "Authentication_MSGraphPermissionMissing",
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
)
ELIGIBILITY = ("AadPremiumLicenseRequired", "PermissionScopeNotGranted")

GENERAL_CODES: dict[Source, tuple[str, ...]] = {
    Source.ARM: (
        "ExpiredAuthenticationToken",
        "InvalidAuthenticationTokenTenant",
        "AuthorizationFailed",
        "SubscriptionNotFound",
        "ResourceGroupNotFound",
        "ResourceNotFound",
        "ParentResourceNotFound",
        "MissingSubscriptionRegistration",
        "ReadOnlyDisabledSubscription",
        "ResourceGroupBeingDeleted",
        "SubscriptionRequestsThrottled",
        "GatewayTimeout",
    ),
    Source.GRAPH: (
        "generalException",
        "invalidRequest",
        "unauthenticated",
        "accessDenied",
        "extensionError",
        "itemNotFound",
        "notAllowed",
        "notSupported",
        "nameAlreadyExists",
        "malwareDetected",
        "resourceModified",
        "resyncRequired",
        "syncStateNotFound",
        "invalidRange",
        "activityLimitReached",
        "serviceNotAvailable",
        "quotaLimitReached",
        "Authorization_RequestDenied",
        "Authorization_IdentityNotFound",
        "Request_ResourceNotFound",
        "Request_UnsupportedQuery",
        "Directory_ExpiredPageToken",
        "TooManyRequests",
        "Service_ServiceUnavailable",
    ),
}
PROVIDER_CODES: dict[Source, tuple[str, ...]] = {
    Source.ARM: ("BadRequest", "Conflict", "InternalServerError", "ServiceUnavailable"),
    Source.GRAPH: (),
}
