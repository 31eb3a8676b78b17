"""Errors of Azure Resource Manager, and of providers that document few errors of their own.

- Azure Resource Manager: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
  and https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
- Microsoft.Compute: https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshooting-throttling-errors
- Microsoft.Insights: https://github.com/Azure/azure-powershell/issues/25880
- Microsoft.Security: https://github.com/Azure/azure-sdk-for-go/issues/19900
- Azure Resource Graph: https://learn.microsoft.com/azure/governance/resource-graph/troubleshoot/general and, for
  the code RateLimiting, https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
- Privileged Identity Management for Azure roles: the error codes that the tool Azure Governance Visualizer handles,
  https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting (module AzAPICall)
"""

from sandbox.documented_errors.declare import error

ERRORS = (
    error("ExpiredAuthenticationToken", 401, "The access token expiry UTC time is earlier than now."),
    error("InvalidAuthenticationTokenTenant", 401, "The access token is from the wrong issuer."),
    error(
        "AuthorizationFailed",
        403,
        "The client does not have authorization to perform the action, or the scope is invalid.",
    ),
    error("SubscriptionNotFound", 404, "The subscription could not be found."),
    error("ResourceGroupNotFound", 404, "Resource group 'rg' could not be found."),
    error("ResourceNotFound", 404, "The resource was not found."),
    error(
        "ParentResourceNotFound",
        404,
        "Can not perform requested operation on nested resource. Parent resource was not found.",
    ),
    error("MissingSubscriptionRegistration", 409, "The subscription is not registered to use the namespace."),
    error(
        "ReadOnlyDisabledSubscription", 409, "The subscription is disabled and therefore marked as read only."
    ),
    error(
        "ResourceGroupBeingDeleted",
        409,
        "The resource group 'rg' is in deprovisioning state and cannot perform this operation.",
    ),
    error("Conflict", 409, "The operation is not allowed in the resource's current state."),
    error("BadRequest", 400, "The request was invalid."),
    error(
        "SubscriptionRequestsThrottled",
        429,
        "Number of 'read' requests for the subscription exceeded the limit.",
    ),
    error("InternalServerError", 500, "The server encountered an internal error."),
    error("ServiceUnavailable", 503, "The service is temporarily unavailable."),
    error("GatewayTimeout", 504, "The gateway did not receive a response within the specified time period."),
    error("ResourceTypeNotSupported", 400, "The resource type does not support diagnostic settings."),
    error(
        "OperationNotAllowed",
        429,
        "The server rejected the request because too many requests have been received for this subscription.",
        target="HighCostGet3Min",
    ),
    error(
        "Subscription Not Registered",
        404,
        "Please register to Microsoft.Security in order to view your security status",
    ),
    error(
        "RateLimiting", 429, "Please provide below info when asking for support: timestamp, correlationId."
    ),
    error("TenantNotOnboarded", 400, "The tenant is not onboarded to Privileged Identity Management."),
    error("ResourceNotOnboarded", 400, "The resource is not onboarded to Privileged Identity Management."),
)
