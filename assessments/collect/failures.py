"""Turn the expected errors of requests (`EXPECTED`) into gaps, each with its reason.

Codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors and
https://learn.microsoft.com/graph/errors. If Azure answers that the resource does not exist, there is no gap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import (
    AzureError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    TooManyRedirectsError,
)
from urllib3.exceptions import ReadTimeoutError

from assessments.collect.errors import (
    BadAnswer,
    ForeignHost,
    OtherDirectory,
    OutsideDelegation,
    SlowAnswer,
)
from assessments.collect.http.api_versions import describe_refusal, offered_in, version_of
from assessments.collect.http.wire import MAX_REQUEST_ID, clean
from assessments.collect.sign_in.refusals import TEMPORARY, AuthorityUnavailable, SignInError
from assessments.estate.collection import Collection
from assessments.estate.gaps import Gap, Reason
from assessments.estate.redact import redact

# Errors that become a gap. Any other error is a bug and propagates.
EXPECTED = (AzureError, SignInError, BadAnswer, ForeignHost, OtherDirectory, OutsideDelegation)

_LICENCE = {"authentication_requestfromnonpremiumtenantorb2ctenant", "aadpremiumlicenserequired"}
_DISABLED = {"readonlydisabledsubscription", "disabledsubscription", "subscriptiondisabled"}
# Codes for a provider that is not registered in the subscription. Microsoft.Security sends its code with spaces:
# https://github.com/Azure/azure-sdk-for-go/issues/19900
_UNREGISTERED = {
    "missingsubscriptionregistration",
    "invalidresourcenamespace",
    "noregisteredproviderfound",
    "subscription not registered",
}
# DisallowedProvider means that the offer of the subscription excludes the provider, so the subscription has no resource
# of the provider. https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting/issues/110
# The similar code DisallowedOperation does not belong here: Azure sends it for every provider, even
# Microsoft.Authorization, and a subscription with this code is not assessed.
# https://github.com/MicrosoftDocs/azure-docs/issues/32723, https://github.com/lacework-dev/scripts/pull/64
_EXCLUDED_BY_OFFER = "disallowedprovider"
# Every subscription has these providers of permissions, policies and resource groups. So if Azure answers that one of
# them is not registered, the provider's collections do not count as empty (`_can_lack_provider`).
_IN_EVERY_SUBSCRIPTION = {"microsoft.authorization", "microsoft.resources"}
_EXTENSION = "{scope}/providers/"
# This code means that the storage account is of a kind that does not have the requested service:
# https://github.com/turbot/steampipe-plugin-azure/issues/474
_WITHOUT_SERVICE = "featurenotsupportedforaccount"
# If a 404 has one of these codes, more than the document is missing, for example the subscription or the server.
# https://learn.microsoft.com/rest/api/storagerp/srp_error_codes_common
_WHOLE_SCOPE_MISSING = {
    "subscriptionnotfound",
    "invalidsubscriptionid",
    "invalidauthenticationtokentenant",
    "subscriptionstateforbidden",
    # This code means that the SQL server was deleted meanwhile, together with its settings.
    "subscriptiondoesnothaveserver",
}
# Microsoft.Storage sends this code with the status 403 in place of 401:
# https://learn.microsoft.com/rest/api/storagerp/srp_error_codes_common
_UNAUTHENTICATED = "authenticationfailed"
_BY_STATUS = {
    401: Reason.UNAUTHENTICATED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    408: Reason.TIMEOUT,
    410: Reason.NOT_FOUND,
    429: Reason.THROTTLED,
}
_MAX_LENGTH = 300


def gap_of(error: BaseException, collection: Collection, scope: str, path: str) -> Gap | None:
    """Return the gap for an EXPECTED error at a scope, or None if the error means that the resource does not exist."""

    def gap(
        reason: Reason, *, status: int | None = None, code: str = "", request_id: str = "", message: str = ""
    ) -> Gap:
        return Gap(
            collection=collection.name,
            scope=scope,
            reason=reason,
            status=status,
            code=code,
            request_id=request_id,
            message=sanitize(message),
            permission=collection.permission,
            path=path,
            api_version=asked,
        )

    asked = collection.api_version

    if isinstance(error, SignInError):
        return gap(_sign_in_reason(error), code=error.code, message=error.message)
    if isinstance(error, ForeignHost):
        return gap(Reason.FOREIGN_HOST, message=str(error))
    if isinstance(error, OtherDirectory):
        return gap(Reason.UNDECIDED, code="other_directory", message=str(error))
    if isinstance(error, OutsideDelegation):
        return gap(Reason.NOT_DELEGATED, code="outside_delegation", message=str(error))
    if isinstance(error, SlowAnswer):
        return gap(Reason.TIMEOUT, message=str(error))
    if isinstance(error, BadAnswer):
        return gap(Reason.BAD_ANSWER, status=error.status, request_id=error.request_id, message=str(error))
    response = getattr(error, "response", None)
    if isinstance(error, HttpResponseError) and response is not None:
        status = int(response.status_code)
        code, message = details(response)
        asked = version_of(str(getattr(getattr(response, "request", None), "url", ""))) or asked
        request_id = request_id_of(response)
        if isinstance(error, DecodeError):
            return gap(
                Reason.BAD_ANSWER, status=status, request_id=request_id, message="The body is not valid JSON"
            )
        if means_absent(status, code, message, collection):
            return None
        reason = reason_of(status, code, message)
        if reason is Reason.API_VERSION:
            message = describe_refusal(collection, asked, offered_in(status, message))
        return gap(reason, status=status, code=code, request_id=request_id, message=message)
    return gap(_without_answer(error), message=_error_type(error))


def means_absent(status: int, code: str, message: str, collection: Collection) -> bool:
    """Return whether an error means that the document does not exist, or that the subscription has no resource of the
    provider.
    """
    if status == 204:
        return collection.no_content_is_none
    folded = code.casefold()
    if folded in {known.casefold() for known in collection.absent_codes} and 400 <= status < 500:
        return True
    if folded == "invalidresourcetype" and status == 404:
        return collection.retired and not offered_in(status, message)
    if offered_in(status, message):
        # An error that lists api-versions means that the cloud lacks the requested version, whatever the code is.
        return False
    if folded in _UNREGISTERED and status in (404, 409):
        return _can_lack_provider(collection)
    if folded == _EXCLUDED_BY_OFFER and status == 400:
        return _can_lack_provider(collection)
    if folded == _WITHOUT_SERVICE and status == 400:
        return collection.provider == "Microsoft.Storage"
    return collection.absent_is_none and status == 404 and folded not in _WHOLE_SCOPE_MISSING


def _can_lack_provider(collection: Collection) -> bool:
    """Return whether a collection is certainly empty if Azure answers that its resource provider is missing in the
    subscription.

    - If every subscription has the provider: no.
    - If the collection is read with Azure Resource Graph: no, because its rows belong to resources of other providers.
    - If it is read once for each existing resource of the provider: only if a resource may lack the document
      (`absent_is_none`). The provider exists, so the answer has another cause.
    - Otherwise: yes.
    """
    provider = collection.provider.casefold()
    if not provider or provider in _IN_EVERY_SUBSCRIPTION or collection.resource_graph:
        return False
    below = collection.targets is not None and not collection.path.startswith(_EXTENSION)
    return not below or collection.absent_is_none


def reason_of(status: int, code: str, message: str = "") -> Reason:
    """Return the reason of the gap for an error answer. `code` and `message` come from the body of the answer."""
    folded = code.casefold()
    if offered_in(status, message):
        return Reason.API_VERSION
    if folded in _LICENCE:
        return Reason.LICENCE_MISSING
    if folded in _DISABLED:
        return Reason.SUBSCRIPTION_DISABLED
    if folded == _UNAUTHENTICATED and status == 403:
        return Reason.UNAUTHENTICATED
    if status >= 500:
        return Reason.SERVER_ERROR
    return _BY_STATUS.get(status, Reason.BAD_ANSWER)


def details(response: Any) -> tuple[str, str]:
    """Return (code, message) of an error body in any shape that ARM, its providers and Graph use."""
    try:
        body = json.loads(response.text())
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(body, Mapping):
        return "", ""
    for name in ("error", "odata.error"):
        if isinstance(body.get(name), Mapping):
            body = body[name]
            break
    # App Service spells these names with capital letters: https://github.com/pulumi/pulumi-azure-native/issues/3074
    code, message = (body.get(name) or body.get(name.title()) for name in ("code", "message"))
    if isinstance(message, Mapping):
        message = message.get("value")
    found = (code if isinstance(code, str) else ""), (message if isinstance(message, str) else "")
    code, message = _inner_details(found[1]) or found
    # Errors can quote texts of the customer, so `clean` replaces characters that the database cannot store.
    return clean(code)[:_MAX_LENGTH], clean(message)


def _inner_details(message: str) -> tuple[str, str] | None:
    """Return (code, message) of an error that Graph wraps as JSON in the message of an `UnknownError`.

    Privileged Identity Management wraps its errors in this way:
    https://github.com/hashicorp/terraform-provider-azuread/issues/1386
    """
    if not message.startswith("{"):
        return None
    try:
        body = json.loads(message)
    except (ValueError, RecursionError):
        return None
    code, text = body.get("errorCode"), body.get("message")
    if not isinstance(code, str) or not code:
        return None
    return code, text if isinstance(text, str) else ""


def request_id_of(response: Any) -> str:
    """Return the id of the request from the headers of its answer: ARM's `x-ms-request-id`, Graph's `request-id`, or
    ARM's correlation id. If none is present, return an empty string.
    """
    headers = response.headers
    for name in ("x-ms-request-id", "request-id", "x-ms-correlation-request-id"):
        if headers.get(name):
            return str(clean(str(headers[name])))[:MAX_REQUEST_ID]
    return ""


def sanitize(message: str) -> str:
    """Return a message that is safe to show and store: one line, without secrets and email addresses of people."""
    text = " ".join(str(redact(message, "message")).split())
    return text if len(text) <= _MAX_LENGTH else text[: _MAX_LENGTH - 1] + "…"


def _error_type(error: BaseException) -> str:
    """Return the type of a network error. The type is shown instead of the error's text, which contains URLs and
    Python objects.
    """
    inner = getattr(error, "inner_exception", None) or error
    return type(inner).__name__


def _sign_in_reason(error: SignInError) -> Reason:
    if not isinstance(error, AuthorityUnavailable):
        return Reason.UNAUTHENTICATED
    if error.code == "http_429":
        return Reason.THROTTLED
    is_of_entra = error.code == TEMPORARY or error.code.startswith("http_5")
    return Reason.SERVER_ERROR if is_of_entra else Reason.CONNECTION


def _without_answer(error: BaseException) -> Reason:
    if isinstance(error, ServiceRequestTimeoutError | ServiceResponseTimeoutError) or _timed_out(error):
        return Reason.TIMEOUT
    if isinstance(error, DecodeError | TooManyRedirectsError):
        return Reason.BAD_ANSWER
    if isinstance(error, ServiceRequestError | ServiceResponseError | HttpResponseError):
        return Reason.CONNECTION
    return Reason.BAD_ANSWER


def _timed_out(error: BaseException) -> bool:
    """Return whether a connection error contains a read timeout, which `requests` raises while it reads a body."""
    inner = getattr(error, "inner_exception", None)
    return any(isinstance(item, ReadTimeoutError) for item in getattr(inner, "args", ()))
