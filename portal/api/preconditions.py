"""Require the header If-Match (RFC 9110, section 13.1.1; RFC 6585, section 3) for changes of objects. A program can
then change only the version of an object that it has read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.listing import Listing
from portal.treatment.locks import lock_treatments
from tenants.actions.organizations import lock_settings
from tenants.models import Tenant

IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The header ETag that the program got when it read the object. If the object has changed since"
    " then, nothing is changed",
)


class PreconditionRequired(APIException):
    """The header If-Match is missing or has the value *, so it names no version of the object."""

    status_code = 428
    default_code = "precondition_required"
    default_detail = (
        "Read the object first, and send its header ETag as If-Match, so that nobody’s changes are lost. The value * is"
        " not accepted."
    )


class PreconditionFailed(APIException):
    status_code = 412
    default_code = "changed_meanwhile"
    default_detail = (
        "The object has changed since you read it, so nothing was changed. Read it again, then send the change again if"
        " it is still right."
    )


def change(
    request: Request,
    tenant: Tenant,
    listing: Listing[Any],
    value: Any,
    action: Callable[[Any], object],
    *,
    lock: Callable[[], object] | None = None,
) -> Response:
    """Find the object by the value in its URL, change it with `action`, and return the changed object. Raise
    PreconditionFailed if the object has changed since the program read it.

    `action` is called with the row. `lock` makes other requests wait until the change is stored; by default, it locks
    the customer's treatments.
    """
    change_unanswered(request, tenant, listing, value, action, lock=lock)
    return listing.answer(tenant, listing.find(tenant, value))


def change_unanswered[T](
    request: Request,
    tenant: Tenant,
    listing: Listing[Any],
    value: Any,
    action: Callable[[Any], T],
    *,
    lock: Callable[[], object] | None = None,
) -> T:
    """Find the object by the value in its URL, call `action` with it, and return what `action` returns. Raise
    PreconditionFailed if the object has changed since the program read it. `action` may delete the object.
    """
    if lock is None:
        lock_treatments(tenant.pk)
    else:
        lock()
    row = listing.find(tenant, value)
    require_match(request, listing.etag(tenant, row))
    return action(row)


def settings_lock(tenant: Tenant) -> Callable[[], object]:
    """Return a function that locks the customer's row. Pass it as `lock` if the action locks this row first, so that
    all changes lock in the same order.
    """
    return lambda: lock_settings([tenant])


def require_match(request: Request, etag: str) -> None:
    """Raise PreconditionRequired or PreconditionFailed, unless If-Match names this entity tag of the object."""
    header = request.headers.get("If-Match", "").strip()
    # Refuse “*”: it would match every version, even one that the program has not read.
    if header in ("", "*"):
        raise PreconditionRequired
    # A weak entity tag (`W/"…"`) in If-Match never matches, because the API sends only strong entity tags.
    if etag not in (tag.strip() for tag in header.split(",")):
        raise PreconditionFailed
