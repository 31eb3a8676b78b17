"""Creations that a program can repeat: the header Idempotency-Key.

A program that got no answer sends the same request with the same key again. Then nothing is created a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.models import ApiToken, IdempotencyKey
from portal.accounts.models.idempotency_key import VALID_FOR
from portal.api.listing import Listing
from tenants.errors import Conflict, NoScope, invalid
from tenants.locks import Lock, try_lock
from tenants.models import Tenant

MAX_LENGTH: Final = 255
IDEMPOTENCY_KEY: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=f"A text of at most {MAX_LENGTH} characters that the program chooses for this creation, such as a UUID."
    " If the same request is sent with the same key again within 24 hours, nothing is created a second time.",
)


class KeyReused(APIException):
    """The key was sent before, with another body."""

    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was sent before with another body. Use a new key for each creation."
    )


def create(
    request: Request,
    tenant: Tenant,
    listing: Listing[Any],
    operation: str,
    action: Callable[[], Model],
    *,
    status: int,
) -> Response:
    """Create an object of the list with `action`, unless a request with the same key has created it, and return it.

    `operation` is the id of the operation in the contract: the same key counts for another operation again.
    """
    key = _key(request)
    if key is None:
        return _answer(tenant, listing, action(), status)
    given: dict[str, Any] = {
        "tenant_id": tenant.pk,
        "token_id": _token(request).pk,
        "operation": operation,
        "key_hash": _sha256(key),
    }
    # The lock ends with the transaction, so what the other request has created is visible afterwards.
    if not try_lock(Lock.IDEMPOTENCY_KEY, ":".join(map(str, given.values()))):
        raise Conflict(
            "A request with this Idempotency-Key is still running. Send it again in some seconds.",
            code="request_in_progress",
        )
    now, body = timezone.now(), _sha256(json.dumps(request.data, sort_keys=True))
    before = IdempotencyKey.objects.filter(**given).first()
    if before is not None and before.created_at > now - VALID_FOR:
        if before.request_sha256 != body:
            raise KeyReused
        response = _answer(tenant, listing, listing.find(tenant, before.object_name), status)
        response.headers["Idempotency-Replayed"] = "true"
        return response
    row = action()
    IdempotencyKey.objects.update_or_create(
        **given,
        defaults={
            "request_sha256": body,
            "object_name": str(getattr(row, listing.lookup)),
            "created_at": now,
        },
    )
    return _answer(tenant, listing, row, status)


def _answer(tenant: Tenant, listing: Listing[Any], row: Model, status: int) -> Response:
    name = getattr(row, listing.lookup)
    response = listing.answer(tenant, listing.find(tenant, name), status)
    response.headers["Location"] = reverse(f"api-{listing.singular}", args=[tenant.slug, name])
    return response


def _key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isascii() and key.isprintable() and 0 < len(key) <= MAX_LENGTH):
        raise invalid("Idempotency-Key", f"Send 1 to {MAX_LENGTH} visible ASCII characters.")
    return key


def _token(request: Request) -> ApiToken:
    if not isinstance(request.auth, ApiToken):
        raise NoScope("A view of the API needs a token: is its permission class HasToken?")
    return request.auth


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
