"""Errors that Microsoft documents, or that were recorded, by code: status, message and the form of the body.

A scripted answer in an estate file names such an error with `error`, in place of `status` and `body`. Sources:

- Microsoft.Sql: "Error Responses" of BlobAuditing.json and ServerSecurityAlertPolicies.json in
  https://github.com/Azure/azure-rest-api-specs (sql/resource-manager/Microsoft.Sql/stable/2021-11-01)
- Azure Resource Manager: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
  and https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
- Microsoft.Compute: https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshooting-throttling-errors
- Microsoft.Insights: https://github.com/Azure/azure-powershell/issues/25880
- Microsoft Graph: https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/resolve-auth-errors
- Privileged Identity Management wraps its errors as JSON in the message of an `UnknownError`:
  https://github.com/kayasax/EasyPIM/issues/37 and https://github.com/hashicorp/terraform-provider-azuread/issues/1386
"""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DocumentedError:
    """`wrapped`: as Privileged Identity Management answers. `target`: the limit that Microsoft.Compute names."""

    code: str
    status: int
    message: str
    wrapped: bool = False
    target: str = ""

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        if self.wrapped:
            inner = {"errorCode": self.code, "message": self.message, "instanceAnnotations": []}
            return {"error": {"code": "UnknownError", "message": json.dumps(inner)}}
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target:
            error["details"] = [{"code": "TooManyRequests", "target": self.target, "message": self.message}]
        return {"error": error}


_SQL = (
    DocumentedError("SubscriptionDoesNotHaveServer", 404, "The requested server was not found"),
    DocumentedError(
        "ServerNotInSubscriptionResourceGroup",
        404,
        "Specified server does not exist in the specified resource group and subscription.",
    ),
    DocumentedError("SourceDatabaseNotFound", 404, "The source database does not exist."),
    DocumentedError(
        "DatabaseDoesNotExist",
        404,
        "User has specified a database name that does not exist on this server instance.",
    ),
    DocumentedError(
        "BlobAuditingIsNotSupportedOnResourceType",
        400,
        "Blob Auditing is currently not supported for this resource type.",
    ),
    DocumentedError(
        "DataSecurityInvalidUserSuppliedParameter",
        400,
        "An invalid parameter value was provided by the client.",
    ),
    DocumentedError(
        "ServerSecurityAlertPolicyInProgress", 409, "Set server security alert policy is already in progress"
    ),
    DocumentedError("DatabaseIsUnavailable", 500, "Loading failed. Please try again later."),
    DocumentedError("GetServerSecurityAlertPolicyFailed", 500, "Failed to get Threat Detection settings"),
)
_ARM = (
    DocumentedError(
        "ParentResourceNotFound",
        404,
        "Can not perform requested operation on nested resource. Parent resource was not found.",
    ),
    DocumentedError("ResourceGroupNotFound", 404, "Resource group 'rg' could not be found."),
    DocumentedError(
        "ResourceGroupBeingDeleted",
        409,
        "The resource group 'rg' is in deprovisioning state and cannot perform this operation.",
    ),
    DocumentedError(
        "ExpiredAuthenticationToken", 401, "The access token expiry UTC time is earlier than now."
    ),
    DocumentedError(
        "GatewayTimeout", 504, "The gateway did not receive a response within the specified time period."
    ),
    DocumentedError(
        "ResourceTypeNotSupported", 400, "The resource type does not support diagnostic settings."
    ),
    DocumentedError(
        "OperationNotAllowed",
        429,
        "The server rejected the request because too many requests have been received for this subscription.",
        target="HighCostGet3Min",
    ),
)
_GRAPH = (
    DocumentedError("Authorization_RequestDenied", 403, "Insufficient privileges to complete the operation."),
    DocumentedError(
        "Authorization_IdentityNotFound",
        401,
        "The identity of the calling application could not be established.",
    ),
    DocumentedError(
        "Authentication_MSGraphPermissionMissing",
        403,
        "Calling principal does not have required MSGraph permissions AuditLog.Read.All.",
    ),
    DocumentedError(
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        403,
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    DocumentedError(
        "AadPremiumLicenseRequired",
        400,
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        wrapped=True,
    ),
    DocumentedError(
        "PermissionScopeNotGranted",
        403,
        "Authorization failed due to missing permission scope "
        "PrivilegedEligibilitySchedule.Read.AzureADGroup,PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup.",
        wrapped=True,
    ),
    DocumentedError(
        "Request_ResourceNotFound",
        404,
        "Resource does not exist or one of its queried reference-property objects are not present.",
    ),
    DocumentedError(
        "Directory_ExpiredPageToken",
        400,
        "The specified page token value has expired and can no longer be included in your request.",
    ),
    DocumentedError("Request_UnsupportedQuery", 400, "Unsupported Query."),
    DocumentedError("TooManyRequests", 429, "Too Many Requests"),
    DocumentedError("Service_ServiceUnavailable", 503, "Service is temporarily unavailable."),
)
ERRORS = {error.code: error for error in (*_SQL, *_ARM, *_GRAPH)}
