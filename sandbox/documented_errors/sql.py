"""Errors that Microsoft.Sql and Microsoft.SqlVirtualMachine document for the requests that Surety sends.

Source: "Error Responses" of the operations below, in https://github.com/Azure/azure-rest-api-specs. The operations of
Microsoft.Sql are in `specification/sql/resource-manager/Microsoft.Sql/stable`.

- Microsoft.Sql 2021-11-01: Servers, FirewallRules, IPv6FirewallRules, VirtualNetworkRules, Databases,
  BlobAuditing, ServerSecurityAlertPolicies, ServerAdvancedThreatProtectionSettings and ServerVulnerabilityAssessments.
  For ManagedDatabaseTransparentDataEncryption, only the errors that a read can cause are included
- Microsoft.Sql 2023-08-01: ManagedInstanceAdvancedThreatProtectionSettings,
  SqlVulnerabilityAssessmentsSettings
- Microsoft.SqlVirtualMachine 2017-03-01-preview: `sqlvm.json`

For all operations except ManagedDatabaseTransparentDataEncryption, all documented errors are included, even those that
only a change of the resource can cause.
"""

from sandbox.documented_errors.declare import error

_LATER = "An error has occurred while saving the settings, please try again later"

ERRORS = (
    error("SubscriptionDoesNotHaveServer", 404, "The requested server was not found"),
    error(
        "ServerNotInSubscriptionResourceGroup",
        404,
        "Specified server does not exist in the specified resource group and subscription.",
    ),
    error("SourceDatabaseNotFound", 404, "The source database does not exist."),
    error(
        "DatabaseDoesNotExist",
        404,
        "User has specified a database name that does not exist on this server instance.",
    ),
    error(
        "BlobAuditingIsNotSupportedOnResourceType",
        400,
        "Blob Auditing is currently not supported for this resource type.",
    ),
    error(
        "DataSecurityInvalidUserSuppliedParameter",
        400,
        "An invalid parameter value was provided by the client.",
    ),
    error(
        "SecurityAlertPoliciesInvalidStorageAccountName", 400, "The provided storage account is not valid."
    ),
    error(
        "SecurityAlertPoliciesInvalidStorageAccountCredentials", 400, "The provided access key is not valid."
    ),
    error("SecurityAlertPoliciesInsufficientDiskSpace", 400, "Insufficient disk space to save the policy."),
    error(
        "SecurityAlertPoliciesInsufficientStorageAccountPermissions",
        400,
        "Insufficient read or write permissions on the provided storage account.",
    ),
    error("SecurityAlertPoliciesStorageAccountIsDisabled", 400, "The provided storage account is disabled."),
    error("InvalidServerSecurityAlertPolicyCreateRequest", 400, "The request has no properties object."),
    error("UpsertServerSecurityAlertPolicyFailed", 400, _LATER, 404, 409, 500),
    error(
        "ServerSecurityAlertPolicyInProgress", 409, "Set server security alert policy is already in progress"
    ),
    error("GetServerSecurityAlertPolicyFailed", 500, "Failed to get Threat Detection settings"),
    error(
        "UpdateNotAllowedOnServerContainingPausedDWDatabase",
        400,
        "The change is not allowed on a server with a paused Data Warehouse database",
    ),
    error(
        "AdvancedThreatProtectionInsufficientDiskSpace", 400, "Insufficient disk space to save the settings."
    ),
    error("InvalidServerAdvancedThreatProtectionCreateRequest", 400, "The request has no properties object."),
    error(
        "AdvancedThreatProtectionInvalidUserSuppliedParameter",
        400,
        "An invalid parameter value was provided.",
    ),
    error("UpsertServerAdvancedThreatProtectionFailed", 400, _LATER, 404, 409, 500),
    error("ServerAdvancedThreatProtectionInProgress", 409, "Setting the settings is already in progress"),
    error(
        "GetServerAdvancedThreatProtectionFailed",
        500,
        "Failed to get the Advanced Threat Protection settings",
    ),
    error("DatabaseIsUnavailable", 500, "Loading failed. Please try again later."),
    error("InvalidParameterValue", 400, "An invalid value was given to parameter."),
    error("InvalidCrossSubscriptionVmMove", 400, "Invalid cross subscription move of resource."),
    error(
        "SecurityAdalPrincipalCertExpiredError", 400, "The Azure Key Vault principal certificate has expired."
    ),
    error("SecurityInvalidAzureKeyVaultRecoveryLevel", 400, "The provided Key Vault uri is not valid."),
    error("KeyMaterialNotFoundOnRemoteServer", 400, "Remote server does not have access to key material."),
    error(
        "AzureKeyVaultRsaKeyNotSupported",
        400,
        "The provided key vault uses unsupported RSA Key Size or Key Type.",
    ),
    error("AzureKeyVaultKeyDisabled", 400, "The Azure Key Vault key is disabled."),
    error("AzureKeyVaultInvalidExpirationDate", 400, "The Azure Key Vault key expiration date is invalid."),
    error("AzureKeyVaultNoServerIdentity", 400, "The server identity is not correctly configured."),
    error(
        "AzureKeyVaultMissingPermissions",
        400,
        "The server is missing required permissions on the Azure Key Vault.",
    ),
    error("CanNotChangeReadOnlyDuringTdeScan", 401, "An encryption transition is in progress."),
    error("EncryptionInProgress", 409, "An encryption scan is in progress."),
    error("KeyChangeInProgress", 409, "A key change scan is in progress."),
    error("AzureKeyVaultConnectionFailed", 503, "Attempts to connect to Azure Key Vault have failed"),
    error(
        "SqlVulnerabilityAssessmentInvalidUserSuppliedParameter",
        400,
        "An invalid parameter value was provided.",
    ),
    error("SqlVulnerabilityAssessmentIsDisabled", 400, "SQL vulnerability assessment feature is disabled."),
    error(
        "SqlVulnerabilityAssessmentStoragefullApiIsEnabled", 409, "The server has an incompatible version."
    ),
    error("InvalidStorageAccountName", 400, "The provided storage account is not valid or does not exist."),
    error("InvalidStorageAccountCredentials", 400, "The provided storage account key is not valid."),
    error(
        "VulnerabilityAssessmentUnsupportedStorageAccount",
        400,
        "The provided storage account is unsupported.",
    ),
    error("VulnerabilityAssessmentADSIsDisabled", 400, "Advanced Data Security should be enabled."),
    error(
        "VulnerabilityAssessmentStorageOutboundFirewallNotAllowed", 400, "The storage account is not allowed."
    ),
    error("VulnerabilityAssessmentInsufficientStorageAccountPermissions", 400, "Insufficient permissions."),
    error(
        "VulnerabilityAssessmentStorageAccountIsDisabled", 400, "The provided storage account is disabled."
    ),
)
