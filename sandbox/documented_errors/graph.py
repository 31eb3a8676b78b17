"""Errors of Microsoft Graph.

- The basic codes and the statuses: https://learn.microsoft.com/graph/errors. The page does not say which code belongs
  to which status. Statuses that fit no other code belong to `generalException` here
- Codes of the directory: https://learn.microsoft.com/graph/resolve-auth-errors
- Privileged Identity Management wraps its errors as JSON in the message of an `UnknownError`:
  https://github.com/kayasax/EasyPIM/issues/37 and https://github.com/hashicorp/terraform-provider-azuread/issues/1386
"""

from sandbox.documented_errors.declare import error

_UNASSIGNED = (402, 406, 411, 412, 413, 415, 422, 423, 501, 504, 507, 509)

BASIC = (
    error("generalException", 500, "An unspecified error has occurred.", *_UNASSIGNED),
    error("invalidRequest", 400, "The request is malformed or incorrect."),
    error("unauthenticated", 401, "The caller is not authenticated."),
    error("accessDenied", 403, "The caller doesn't have permission to perform the action."),
    error(
        "extensionError", 403, "An application policy prevents the application from accessing the mailbox."
    ),
    error("itemNotFound", 404, "The resource could not be found."),
    error("notAllowed", 405, "The action is not allowed by the system."),
    error("notSupported", 400, "The request is not supported by the system."),
    error("nameAlreadyExists", 409, "The specified item name already exists."),
    error("malwareDetected", 409, "Malware was detected in the requested resource."),
    error("resourceModified", 409, "The resource has changed since the caller last read it."),
    error("resyncRequired", 410, "The delta token is no longer valid."),
    error("syncStateNotFound", 410, "The sync state generation is not found."),
    error("invalidRange", 416, "The specified byte range is invalid or unavailable."),
    error("activityLimitReached", 429, "The app or user has been throttled."),
    error("serviceNotAvailable", 503, "The service is not available."),
    error("quotaLimitReached", 507, "The user has reached their quota limit."),
)
ERRORS = (
    *BASIC,
    error("Authorization_RequestDenied", 403, "Insufficient privileges to complete the operation."),
    error(
        "Authorization_IdentityNotFound",
        401,
        "The identity of the calling application could not be established.",
    ),
    error(
        "Authentication_MSGraphPermissionMissing",
        403,
        "Calling principal does not have required MSGraph permissions AuditLog.Read.All.",
    ),
    error(
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        403,
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    error(
        "AadPremiumLicenseRequired",
        400,
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        wrapped=True,
    ),
    error(
        "PermissionScopeNotGranted",
        403,
        "Authorization failed due to missing permission scope "
        "PrivilegedEligibilitySchedule.Read.AzureADGroup,PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup.",
        wrapped=True,
    ),
    error(
        "Request_ResourceNotFound",
        404,
        "Resource does not exist or one of its queried reference-property objects are not present.",
    ),
    error(
        "Directory_ExpiredPageToken",
        400,
        "The specified page token value has expired and can no longer be included in your request.",
    ),
    error("Request_UnsupportedQuery", 400, "Unsupported Query."),
    error("Service_ServiceUnavailable", 503, "Service is temporarily unavailable."),
)
