"""ARM's error bodies: `{"error": {"code": ..., "message": ...}}`."""

import re
from collections.abc import Sequence

from sandbox.messages import Reply, Request, as_json
from sandbox.paths import group_of, root_resource, split_path
from sandbox.stores.arm import Store
from sandbox.stores.registry import Registration

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = re.compile(r"\d{4}-\d\d-\d\d(-[a-z]+(\.\d+)?)?", re.IGNORECASE)
_VERBS = {
    "GET": "read",
    "HEAD": "read",
    "PUT": "write",
    "PATCH": "write",
    "DELETE": "delete",
    "POST": "action",
}


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Reply:
    return as_json(status, {"error": {"code": code, "message": message}}, headers)


def bad_request(code: str, message: str) -> Reply:
    return error(400, code, message)


def missing_version() -> Reply:
    return bad_request(
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def bad_version(version: str) -> Reply:
    """Return 400 InvalidApiVersionParameter, for an api-version that is not a date."""
    return bad_request(
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. Use a date such as 2024-01-01 or 2024-01-01-preview.",
    )


def no_provider(kind: str, asked: str, location: str, versions: Sequence[str]) -> Reply:
    """Return 400 NoRegisteredProviderFound: the cloud does not have this api-version of the type."""
    return bad_request(
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{asked}' for type "
        f"'{kind}'. The supported api-versions are '{', '.join(versions)}'. The supported locations are "
        f"'{location}'.",
    )


def no_such_type(kind: str, namespace: str, asked: str, versions: Sequence[str]) -> Reply:
    """Return 404 InvalidResourceType. `versions` are the api-versions in which the cloud has the type. If `versions` is
    empty, the cloud does not have the type.
    """
    supported = f" The supported api-versions are '{','.join(versions)}'." if versions else ""
    return error(
        404,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version '{asked}'."
        + supported,
    )


def unsupported_version(asked: str, versions: Sequence[str]) -> Reply:
    """Return 400 InvalidApiVersionParameter, for an api-version that a type of Microsoft.Resources does not have."""
    return bad_request(
        "InvalidApiVersionParameter",
        f"The api-version '{asked}' is invalid. The supported versions are '{','.join(versions)}'.",
    )


def invalid_subscription(subscription: str) -> Reply:
    return bad_request(
        "InvalidSubscriptionId",
        f"The provided subscription identifier '{subscription}' is malformed or invalid.",
    )


def no_subscription(subscription: str) -> Reply:
    return error(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def read_only_subscription(subscription: str) -> Reply:
    """Return 409 ReadOnlyDisabledSubscription, for a write to a subscription in the state Disabled or Warned. Azure's
    message calls both disabled.
    """
    return error(
        409,
        "ReadOnlyDisabledSubscription",
        f"The subscription '{subscription}' is disabled and therefore marked "
        "as read only. You cannot perform any write actions on this subscription until it is re-enabled.",
    )


def forbidden(request: Request, registration: Registration) -> Reply:
    kind = _type(request)
    if not kind:
        group = group_of(request.key)
        kind = (
            "Microsoft.Resources/subscriptions/resourceGroups"
            if group
            else "Microsoft.Resources/subscriptions"
        )
    verb = _VERBS.get(request.method, "action")
    return error(
        403,
        "AuthorizationFailed",
        f"The client '{registration.client.client_id}' with object id "
        f"'{registration.object_id}' does not have authorization to perform action "
        f"'{kind}/{verb}' over scope '{request.path}' or the scope is invalid. If access was recently "
        "granted, please refresh your credentials.",
    )


def _type(request: Request) -> str:
    """Return the resource type in the path, in the path's spelling. Return an empty text if the path has no type."""
    at = request.key.rfind("/providers/")
    return split_path("/providers/" + request.path[at + len("/providers/") :]).type if at >= 0 else ""


def not_found(request: Request, store: Store) -> Reply:
    """Return 404: ResourceGroupNotFound if the group is unknown, and ResourceNotFound if it is known."""
    group = group_of(request.key)
    name = request.path.split("/")[4] if group else ""
    if group and not store.known(group):
        return error(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
    outer = root_resource(request.key)
    missing_outer = outer is not None and not store.known(outer)
    what = request.path[: len(outer)] if missing_outer and outer else request.path
    _, _, resource = what.partition("/providers/") if "/providers/" in what else ("", "", what.strip("/"))
    place = f" under resource group '{name}'" if group else ""
    return error(
        404,
        "ResourceNotFound",
        f"The Resource '{resource}'{place} was not found. For more details please go to "
        "https://aka.ms/ARMResourceNotFoundFix",
    )


def throttled(subscription: str | None, seconds: int, headers: dict[str, str]) -> Reply:
    """Return 429 with Retry-After."""
    where = f"subscription '{subscription}'" if subscription else "tenant"
    code = "SubscriptionRequestsThrottled" if subscription else "TenantRequestsThrottled"
    return error(
        429,
        code,
        f"Number of 'read' requests for {where} exceeded the limit. Please try again after "
        f"'{seconds}' seconds.",
        {**headers, "Retry-After": str(seconds)},
    )


def queries_limited(headers: dict[str, str]) -> Reply:
    """Return the status 429 of Azure Resource Graph. `headers` are those of the quota, which state how long to wait."""
    return error(429, "RateLimiting", "Please provide below info when asking for support.", headers)


def unauthenticated(origin: str, tenant: str, code: str, message: str) -> Reply:
    """Return 401 with the challenge header that azure-core reads."""
    challenge = (
        f'Bearer authorization_uri="{origin}/{tenant}", error="invalid_token", error_description="{message}"'
    )
    return error(401, code, message, {"WWW-Authenticate": challenge})
