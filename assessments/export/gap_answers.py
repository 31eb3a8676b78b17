"""Convert a gap to an HTTP answer that causes the same gap when somebody assesses the export. Pure functions.

If the gap has no HTTP status, the answer has a status that causes a gap with the same reason. A broken connection
cannot be reproduced. In this case, the answer is a server error, and the export reports the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.gaps import Reason

_NEAREST: Mapping[str, tuple[int, str]] = {
    Reason.FORBIDDEN: (403, "AuthorizationFailed"),
    Reason.UNAUTHENTICATED: (401, "InvalidAuthenticationToken"),
    Reason.LICENCE_MISSING: (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
    Reason.NOT_FOUND: (404, "NotFound"),
    Reason.THROTTLED: (429, "TooManyRequests"),
    # The status is 501, because `assessments.collect` repeats a request after 500, 502, 503 or 504.
    Reason.SERVER_ERROR: (501, "ServerError"),
    Reason.TIMEOUT: (408, "RequestTimeout"),
    Reason.SUBSCRIPTION_DISABLED: (409, "ReadOnlyDisabledSubscription"),
    Reason.API_VERSION: (400, "NoRegisteredProviderFound"),
}
# If an error message lists the supported api-versions, `assessments.collect` concludes that Azure refused the
# api-version.
_NO_VERSION = "The supported api-versions are '1900-01-01'."
_MESSAGES: Mapping[str, str] = {Reason.API_VERSION: _NO_VERSION}
_FAILED = "This request failed when the evidence was collected."
_ELSEWHERE = "https://elsewhere.invalid/"


@dataclass(frozen=True, slots=True)
class Scripted:
    """An HTTP answer that reproduces a gap. `loss` says how the reproduced gap differs from the original, or is
    empty.
    """

    status: int
    body: Any
    loss: str = ""


def scripted(gap: Mapping[str, Any]) -> Scripted:
    """Return the HTTP answer that causes the given gap when the export is assessed."""
    reason, status = str(gap["reason"]), gap.get("status")
    if reason == Reason.BAD_ANSWER:
        return Scripted(200 if not status or status == 200 else int(status), "no JSON")
    if reason == Reason.FOREIGN_HOST:
        body = {"value": [], "nextLink": _ELSEWHERE, "@odata.nextLink": _ELSEWHERE}
        return Scripted(200, body)
    nearest = _NEAREST.get(reason)
    loss = "" if nearest else f"{reason} cannot be reproduced; the export has a server_error instead"
    number, code = nearest or (501, "ServerError")
    # The status and code of the gap itself are more exact than those of `_NEAREST`.
    if status:
        number, code = int(status), str(gap.get("code") or code)
    error = {"code": code, "message": str(gap.get("message") or _MESSAGES.get(reason, _FAILED))}
    return Scripted(number, {"error": error}, loss)
