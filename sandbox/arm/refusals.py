"""Requests that ARM or a resource provider refuses because of the cloud, the subscription's offer or the resource.

Sources of the errors:

- errors for api-versions that a cloud does not support (`sandbox.estate.Cloud`): see `sandbox/README.md`
- 409 MissingSubscriptionRegistration:
  https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider
- 404 with the code "Subscription Not Registered" (with spaces), only from Microsoft.Security:
  https://github.com/Azure/azure-sdk-for-go/issues/19900
- 400 DisallowedProvider: https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting/issues/110 (DreamSpark)
- 400 DisallowedOperation: https://github.com/JetBrains/azure-tools-for-intellij/issues/281, and for the offer "Access
  to Azure Active Directory" https://github.com/lacework-dev/scripts/pull/64
- 404 InvalidResourceType of classicAdministrators, retired in August 2024:
  https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
- 400 FeatureNotSupportedForAccount: https://github.com/turbot/steampipe-plugin-azure/issues/474
"""

import json

from sandbox.arm import errors
from sandbox.messages import Reply, Request
from sandbox.paths import root_resource, split_path, subscription_of
from sandbox.stores.arm import Store

# {quota id of an offer, in lower case: namespaces that the offer permits}
_PERMITTED = {
    "dreamspark_2015-02-01": (
        "Microsoft.Authorization,Microsoft.Billing,Microsoft.Education,Microsoft.Features,microsoft.insights,"
        "Microsoft.NotificationHubs,Microsoft.Resources,Microsoft.Sql,Microsoft.Subscription,microsoft.support,"
        "microsoft.visualstudio,Microsoft.Web"
    ),
    "aad_2015-09-01": "",  # An offer with an empty list permits no namespace.
}
_RETIRED = {"microsoft.authorization/classicadministrators"}
_SERVICES = {
    "blobservices": "Blob",
    "fileservices": "File",
    "queueservices": "Queue",
    "tableservices": "Table",
}
_ACCOUNT = "microsoft.storage/storageaccounts"


def refusal(request: Request, store: Store) -> Reply | None:
    """Return the error with which ARM or a provider refuses this read, or None if the read is permitted."""
    parts = split_path(request.key)
    kind = parts.type if parts.names else _without_provider(request.key)
    return (
        _offer(request, store, parts.namespace)
        or _version(request, store, kind)
        or _registration(request, store, parts.namespace)
        or _retired(request, store, kind)
        or _service(request, store)
    )


def _without_provider(key: str) -> str:
    """Return the resource type of a path that has no `/providers/`, such as `/subscriptions` and paths below it."""
    names = key.strip("/").split("/")
    return "/".join(["microsoft.resources", *names[0::2]])


def _spelled(request: Request, kind: str) -> str:
    """Return the last part of a type, with the capital letters of the request's path."""
    last = kind.rpartition("/")[2]
    at = request.key.rfind(f"/{last}")
    return request.path[at + 1 : at + 1 + len(last)] if at >= 0 else last


def _version(request: Request, store: Store, kind: str) -> Reply | None:
    cloud = store.cloud
    if cloud is None:
        return None
    offered = cloud.offered(kind)
    asked = request.query.get("api-version", "").lower()
    if offered is None or asked in {version.lower() for version in offered}:
        return None
    namespace, _, _ = kind.partition("/")
    if namespace == "microsoft.resources":
        return errors.unsupported_version(asked, offered)
    if namespace == "microsoft.security":
        place = request.path[request.key.rfind("/providers/") + len("/providers/") :].split("/")[0]
        return errors.no_such_type(_spelled(request, kind), place, asked, offered)
    name = kind.partition("/")[2]
    name = _spelled(request, kind) if "/" not in name else name
    if not offered:
        return errors.no_such_type(name, namespace, asked, ())
    return errors.no_provider(name, asked, cloud.location, offered)


def _offer(request: Request, store: Store, namespace: str) -> Reply | None:
    subscription = subscription_of(request.key)
    if not namespace or subscription is None:
        return None
    permitted = _PERMITTED.get(store.quotas.get(subscription, ""))
    if permitted is None:
        return None
    if not permitted:
        return errors.bad_request(
            "DisallowedOperation",
            "The current subscription type is not permitted to perform operations on any provider namespace. "
            "Please use a different subscription.",
        )
    if namespace in permitted.lower().split(","):
        return None
    at = request.key.rfind("/providers/") + len("/providers/")
    return errors.bad_request(
        "DisallowedProvider",
        f"The operation is not permitted for namespace '{request.path[at:].split('/')[0]}'. List of permitted "
        f"provider namespaces is '{permitted}'.",
    )


def _registration(request: Request, store: Store, namespace: str) -> Reply | None:
    subscription = subscription_of(request.key)
    if not namespace or subscription is None:
        return None
    provider = f"/subscriptions/{subscription}/providers/{namespace}"
    raw = store.documents.get(provider)
    if raw is None or request.key == provider:
        return None
    if str(json.loads(raw).get("registrationState")).lower() not in ("notregistered", "unregistered"):
        return None
    if namespace == "microsoft.security":
        return errors.error(
            404,
            "Subscription Not Registered",
            "Please register to Microsoft.Security in order to view your security status",
        )
    spelled = json.loads(raw)["id"].rpartition("/")[2]
    return errors.error(
        409,
        "MissingSubscriptionRegistration",
        f"The subscription is not registered to use namespace '{spelled}'. See https://aka.ms/rps-not-found for how "
        "to register subscriptions.",
    )


def _retired(request: Request, store: Store, kind: str) -> Reply | None:
    if kind not in _RETIRED or store.listing(request.key, at_scope=False):
        return None
    namespace = request.path[request.key.rfind("/providers/") + len("/providers/") :].split("/")[0]
    return errors.no_such_type(_spelled(request, kind), namespace, request.query.get("api-version", ""), ())


def _service(request: Request, store: Store) -> Reply | None:
    """Return error 400 if the path leads to a service of a storage account, and accounts of this kind and SKU do not
    have this service. Return None for any other path.
    """
    account = root_resource(request.key)
    if (
        account is None
        or split_path(account).type != _ACCOUNT
        or (raw := store.documents.get(account)) is None
    ):
        return None
    name = request.key[len(account) + 1 :].split("/")[0]
    label = _SERVICES.get(name)
    if label is None or label in _has(json.loads(raw)):
        return None
    return errors.bad_request("FeatureNotSupportedForAccount", f"{label} is not supported for the account.")


def _has(account: dict[str, object]) -> set[str]:
    """Return the services that storage accounts of the same kind and SKU as `account` have. Source:
    https://learn.microsoft.com/azure/storage/common/storage-account-overview
    """
    kind = str(account.get("kind") or "StorageV2").lower()
    sku = account.get("sku")
    premium = isinstance(sku, dict) and str(sku.get("name")).lower().startswith("premium_")
    if kind == "filestorage":
        return {"File"}
    if kind in ("blobstorage", "blockblobstorage"):
        return {"Blob"}
    return {"Blob"} if premium else set(_SERVICES.values())
