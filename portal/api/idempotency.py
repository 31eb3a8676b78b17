"""Handle the header Idempotency-Key, with which a program can repeat a request that creates an object.

A program that got no answer sends the same request with the same key again. The object is not created a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import IdempotencyKey, OrganizationIdempotencyKey
from portal.accounts.models.idempotency_key import VALID_FOR
from portal.api.listing import Listing
from portal.api.organization_listing import OrganizationListing
from portal.api.people import token_of
from tenants.errors import Conflict, invalid
from tenants.locks import Lock, try_lock
from tenants.models import Organization, Tenant

MAX_LENGTH: Final = 255
# The path parameters that name the customer or organization in which the object is created.
_PLACES: Final = ("customer", "organization")
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=f"A text of at most {MAX_LENGTH} characters, such as a UUID. Choose a new text for each creation. If"
    " the same request is sent again with the same text within 24 hours, nothing is created a second time.",
)


class KeyReused(APIException):
    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was sent before with another body or for another object. Use a new key for each"
        " creation."
    )


@dataclass(frozen=True, slots=True)
class Created:
    """The id of the customer or organization of a new object, and the part of the object's URL that identifies the
    object, such as a number.
    """

    owner_id: UUID
    name: str


def create(
    request: Request,
    tenant: Tenant,
    listing: Listing[Any],
    operation: str,
    action: Callable[[], Model],
    *,
    status: int,
) -> Response:
    """Call `action` to create an object of a customer, unless a request with the same key has created it. Return the
    response, which contains the object.

    `listing` declares how the API lists and shows such objects. `operation` is the operation's id in the contract. Each
    operation has its own keys.
    """
    return create_once(
        request,
        operation,
        place=tenant.pk,
        earlier=IdempotencyKey.objects.filter(tenant=tenant),
        action=lambda: Created(tenant.pk, str(getattr(action(), listing.lookup))),
        answer=lambda name: _answer(tenant, listing, name, status),
    )


def create_in_organization(
    request: Request,
    organization: Organization,
    listing: OrganizationListing[Any],
    operation: str,
    action: Callable[[], Model],
    *,
    status: int = 201,
) -> Response:
    """Call `action` to create an object of an organization, unless a request with the same key has created it. Return
    the response, which contains the object. `listing` declares how the API lists and shows such objects.
    """
    return create_once(
        request,
        operation,
        place=organization.pk,
        earlier=keys_of(organization),
        action=lambda: Created(organization.pk, str(action().pk)),
        answer=lambda name: listing.answer(organization, listing.find(organization, name), status),
    )


def keys_of(organization: Organization) -> QuerySet[OrganizationIdempotencyKey]:
    """Return the keys that were sent for creations in the organization."""
    return OrganizationIdempotencyKey.objects.filter(organization=organization)


def create_once(
    request: Request,
    operation: str,
    *,
    place: UUID,
    earlier: QuerySet[IdempotencyKey] | QuerySet[OrganizationIdempotencyKey],
    action: Callable[[], Created],
    answer: Callable[[str], Response],
) -> Response:
    """Create an object with `action`, unless a request with the same key has created it. Return the response.

    `place` is the id of the object's customer or organization. `earlier` are the stored keys of earlier creations in
    this place. `answer` returns the response for an object, given its name (`Created.name`).
    """
    key = _key(request)
    if key is None:
        return answer(action().name)
    token = token_of(request)
    # Programs change their access token every hour, so an idempotency key is valid for all access tokens of a client
    # secret.
    given: dict[str, Any] = {
        "token_id": token.client_secret_id or token.pk,
        "operation": operation,
        "key_hash": _sha256(key),
    }
    # The lock ends with the transaction. So the next request that gets the lock sees the object that this request
    # creates.
    if not try_lock(Lock.IDEMPOTENCY_KEY, ":".join(map(str, (place, *given.values())))):
        raise Conflict(
            "A request with this Idempotency-Key is still running. Send it again in a few seconds.",
            code="request_in_progress",
        )
    now, body = timezone.now(), _fingerprint(request)
    before = earlier.filter(**given, created_at__gt=now - VALID_FOR).first()
    if before is not None:
        if before.request_sha256 != body:
            raise KeyReused
        response = answer(before.object_name)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    created = action()
    of_owner = given | {earlier.model.owner: created.owner_id}
    earlier.model.objects.update_or_create(
        **of_owner,
        defaults={"request_sha256": body, "object_name": created.name, "created_at": now},
    )
    return answer(created.name)


def _answer(tenant: Tenant, listing: Listing[Any], name: str, status: int) -> Response:
    row = listing.find(tenant, name)
    response = listing.answer(tenant, row, status)
    response.headers["Location"] = reverse(
        f"api-{listing.singular}", args=[tenant.slug, getattr(row, listing.lookup)]
    )
    return response


def _fingerprint(request: Request) -> str:
    """Return a keyed hash of the body and of the object in the URL, such as the assessment to retry. The customer or
    organization in the URL is not covered. A body may contain a secret, which a plain hash would let others guess.
    """
    match = request.resolver_match
    named = {name: str(value) for name, value in match.kwargs.items() if name not in _PLACES} if match else {}
    sent = [named, request.data] if named else request.data
    return salted_hmac("surety.idempotency", json.dumps(sent, sort_keys=True), algorithm="sha256").hexdigest()


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isascii() and key.isprintable() and 0 < len(key) <= MAX_LENGTH):
        raise invalid("Idempotency-Key", f"Send 1 to {MAX_LENGTH} visible ASCII characters.")
    return key


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
