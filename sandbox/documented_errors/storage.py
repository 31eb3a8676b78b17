"""Errors that Microsoft.Storage documents for all operations of its resource provider.

Source: https://learn.microsoft.com/rest/api/storagerp/srp_error_codes_common. The code for a service that an account
does not have (FeatureNotSupportedForAccount) was recorded in https://github.com/turbot/steampipe-plugin-azure/issues/474.
"""

from sandbox.documented_errors.declare import error

ERRORS = (
    error("InvalidHttpVerb", 400, "The HTTP verb was not recognized or is not valid for this resource."),
    error("MissingOrIncorrectVersionHeader", 400, "The versioning header is missing or incorrect."),
    error(
        "MissingOrInvalidRequiredQueryParameter", 400, "A required query parameter is missing or incorrect."
    ),
    error("StorageAccountNameNotValid", 400, "The specified account name is not valid."),
    error("FeatureNotSupportedForAccount", 400, "File is not supported for the account."),
    error("AuthenticationFailed", 403, "The server failed to authenticate the request."),
    error("SubscriptionDisabled", 403, "The subscription is in a disabled state."),
    error("SubscriptionStateForbidden", 404, "The subscription is not ready for storage account operations."),
    error("StorageAccountBeingCreated", 409, "This specified storage account is being created."),
    error(
        "StorageAccountIsNotProvisioned", 409, "The provisioning state of the account must be 'Succeeded'."
    ),
    error("StorageAccountOperationInProgress", 409, "A write operation for the account is in progress."),
    error("TooManyRequests", 429, "Too Many Requests", 503),
    error("InternalError", 500, "The server encountered an internal error. Please retry the request."),
    error("OperationTimedOut", 500, "The operation could not be completed within the permitted time."),
)
