"""The errors that Microsoft documents for the request of each collection, and the gap that each must cause.

Each collection declares its codes; the errors themselves and their sources are in `sandbox.documented_errors`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from assessments.estate.collection import Collection
from assessments.estate.collections import ALL
from assessments.estate.documented_codes import GENERAL_CODES, PROVIDER_CODES
from assessments.estate.gaps import Reason
from sandbox.documented_errors import ERRORS
from sandbox.documented_errors.declare import DocumentedError
from tests.assessments.official.estates import example_scopes, stated


class Refusal(NamedTuple):
    """An error that is documented for the request of a collection, with one of its statuses."""

    collection: str
    status: int
    code: str

    @property
    def error(self) -> DocumentedError:
        return ERRORS[self.code]

    @property
    def reason(self) -> Reason | None:
        """The reason of the gap that the error must cause; None if the error says that the resource does not exist."""
        if _says_none(self):
            return None
        return _BY_CODE.get(self.code) or _BY_STATUS.get(self.status) or _of_status(self.status)


_BY_CODE = {
    "AadPremiumLicenseRequired": Reason.LICENCE_MISSING,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": Reason.LICENCE_MISSING,
    "AuthenticationFailed": Reason.UNAUTHENTICATED,
    "ReadOnlyDisabledSubscription": Reason.SUBSCRIPTION_DISABLED,
    "SubscriptionDisabled": Reason.SUBSCRIPTION_DISABLED,
}
_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    410: Reason.NOT_FOUND,
    429: Reason.THROTTLED,
}


def _of_status(status: int) -> Reason:
    return Reason.SERVER_ERROR if status >= 500 else Reason.BAD_ANSWER


# Error codes of a 404 for a document that need not exist in Azure: they say that the document is absent.
_ABSENT = {"ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "Request_ResourceNotFound"}
_ABSENT |= {"itemNotFound"}
OPTIONAL_DOCUMENTS = frozenset(stated("MAY_BE_ABSENT"))
_ABOVE_SUBSCRIPTIONS = {"function_stacks", "management_group_log_settings", "web_stacks"}
# These codes say that the server has no vulnerability assessment of the requested kind: it is off, or the server uses
# the other kind (express or classic).
_OFF = {
    "SqlVulnerabilityAssessmentIsDisabled",
    "SqlVulnerabilityAssessmentStoragefullApiIsEnabled",
    "VulnerabilityAssessmentADSIsDisabled",
}


def has_registered_provider(collection: Collection) -> bool:
    """Return whether the answer “the resource provider is not registered” causes a gap for a collection.

    Usually, the answer shows that the subscription has no resources of the provider, so it causes no gap. It causes a
    gap for four kinds of collections:

    - collections of Microsoft.Authorization and Microsoft.Resources, which are registered in every subscription
      (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-providers-and-types)
    - collections from Azure Resource Graph, which lists resources of other providers
    - collections above all subscriptions
    - collections that are read below a resource of the provider: the resource exists, so the provider is registered.
      If the collection is in OPTIONAL_DOCUMENTS, its document counts as absent instead, without a gap
    """
    if collection.resource_graph or collection.provider in ("Microsoft.Authorization", "Microsoft.Resources"):
        return True
    if collection.name in _ABOVE_SUBSCRIPTIONS:
        return True
    if collection.name in OPTIONAL_DOCUMENTS:
        return False
    below = f"/providers/{collection.provider}/".casefold()
    return any(below in scope.casefold() for scope in example_scopes(collection.name))


def _says_none(refusal: Refusal) -> bool:
    collection = ALL[refusal.collection]
    if refusal.code in {"Subscription Not Registered", "FeatureNotSupportedForAccount"} | _OFF:
        return True
    if refusal.code == "MissingSubscriptionRegistration":
        return not has_registered_provider(collection)
    if refusal.code in {"DisallowedOperation", "DisallowedProvider"}:
        # The subscription's offer does not allow vaults, so there are none.
        return refusal.collection == "recovery_vaults_elsewhere"
    if refusal.code in {"TenantNotOnboarded", "ResourceNotOnboarded"}:
        return refusal.collection == "role_eligibilities"
    if refusal.collection == "excluded_group_members" and refusal.code == "Request_ResourceNotFound":
        # Conditional Access policies keep the ids of deleted groups. Such groups have no members, so the answer causes
        # no gap.
        return True
    return refusal.collection in OPTIONAL_DOCUMENTS and refusal.code in _ABSENT


def refusals_of(name: str) -> Iterator[Refusal]:
    """Yield every documented refusal of a collection, with each of its statuses."""
    source, documented = ALL[name].source, ALL[name].error_codes or ()
    codes = dict.fromkeys((*documented, *GENERAL_CODES[source], *PROVIDER_CODES[source]))
    for code in codes:
        for status in ERRORS[code].statuses:
            yield Refusal(name, status, code)
