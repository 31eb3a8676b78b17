"""Entity tags (RFC 9110, section 8.8.3). An entity tag is a hash of an object in the form in which the API sends it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

ETAG: Final = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    required=True,
    response=[200],
    description="The version of the object, for If-Match",
)
"""The declaration of the header ETag in the contract, for operations that read one object, and for actions that have
neither `If-Match` nor `Idempotency-Key`. For all other operations, `portal.api.contract` declares the header.
"""
_DIGITS: Final = 32


def etag_of(shown: Any, seen: Any = None) -> str:
    """Return the strong entity tag of an object. `shown` is the object in the form in which the API sends it. `seen` is
    further data that the tag covers.
    """
    content = JSONRenderer().render(shown) + repr(seen).encode()
    return f'"{hashlib.sha256(content).hexdigest()[:_DIGITS]}"'


def with_etag(response: Response, seen: Any = None) -> Response:
    """Add the header ETag of the response's object."""
    response.headers["ETag"] = etag_of(response.data, seen)
    return response
