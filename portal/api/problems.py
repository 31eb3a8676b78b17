"""Send errors of the API as problem details (RFC 9457), with the media type `application/problem+json`.

    {"type": "urn:surety:problem:not_found", "title": "Not found", "status": 404, "detail": "This customer …",
     "code": "not_found", "errors": [{"field": "days", "message": "Enter a number …"}]}

`code` is the stable name of the error, on which programs can rely. `detail` is a sentence that says what to do.
`errors` is present if fields are invalid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

from portal.bulk_jobs.errors import ValuesChanged, ValuesUnseen
from portal.notify.errors import CursorExpired
from tenants.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Refusal, SuretyError

MEDIA_TYPE: Final = "application/problem+json"
NOT_FOUND: Final = "There is nothing at this address, or the token gives no access to it."
_CONFLICT: Final = 409


def problem(
    status: int,
    code: str,
    detail: str,
    fields: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Return the response for an error outside of a view, for example in a middleware."""
    return JsonResponse(
        body(status, code, detail, fields),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )


def body(
    status: int, code: str, detail: str, fields: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Return the problem details of an error."""
    found: dict[str, Any] = {
        "type": f"urn:surety:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    errors = [{"field": name, "message": text} for name, texts in (fields or {}).items() for text in texts]
    return found | ({"errors": errors} if errors else {})


def file_changed() -> JsonResponse:
    """Return the response to a request for a report whose file was changed on the disk. Views return this response
    instead of raising an exception, because an exception would undo the journal entry about the changed file.
    """
    return problem(
        _CONFLICT,
        "file_changed",
        "The stored file differs from the file that was signed, so it is not sent. Restore it from a backup.",
    )


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response for an error in a view, and undo the changes that the view has made in the database.
    Unexpected errors are left to Django (500).
    """
    found = _of_error(error)
    if found is None:
        return None
    if transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
    headers = {}
    if isinstance(error, APIException):
        if header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(wait)
    return Response(found, status=found["status"], headers=headers, content_type=MEDIA_TYPE)


def _of_error(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, SuretyError):
        status = _status(error)
        return body(status, error.code, error.message, error.fields) if status else None
    if isinstance(error, Http404):
        return body(404, "not_found", NOT_FOUND)
    if isinstance(error, DjangoPermissionDenied):
        return body(
            403, "permission_denied", "You have no access to this address. Ask an administrator for access."
        )
    if isinstance(error, RequestDataTooBig):
        return body(413, "content_too_large", "The body is too large. Send less in one request.")
    if isinstance(error, ValidationError):
        fields: dict[str, list[str]] = {}
        for name, text in _messages(error.detail):
            fields.setdefault(name, []).append(text)
        return body(
            400, "invalid_input", "Some values are invalid. Correct them and send the request again.", fields
        )
    if isinstance(error, APIException):
        return body(error.status_code, str(error.get_codes()), str(error.detail))
    return None


def _status(error: SuretyError) -> int:
    """Return the HTTP status of an error, or 0 for an error that is a defect of Surety."""
    kinds = (
        (InvalidInput, 400),
        (CursorExpired, 410),
        (ValuesChanged, 412),
        (ValuesUnseen, 428),
        (NotFound, 404),
        (PermissionDenied, 403),
        (Conflict, _CONFLICT),
        (Refusal, _CONFLICT),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 0)


def _messages(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field, message) of the nested errors of a serializer. The name of a field contains the path to the field:
    `items.0.name` is the field `name` of the first object in the list `items`.
    """
    if isinstance(detail, ErrorDetail):
        yield name or "body", str(detail)
    elif isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = name if key == "non_field_errors" else f"{name}.{key}".strip(".")
            yield from _messages(value, inner)
    else:
        for index, value in enumerate(detail):
            yield from _messages(
                value, name if isinstance(value, ErrorDetail) else f"{name}.{index}".strip(".")
            )


@csrf_exempt  # The API accepts no cookies, so CSRF is impossible.
def not_found(request: HttpRequest, *_arguments: Any, **_names: Any) -> JsonResponse:
    """Answer 404 for URLs below /api/ that do not exist."""
    return problem(404, "not_found", NOT_FOUND)


def server_error() -> JsonResponse:
    """Answer 500 for an unexpected error. The log has the details."""
    return problem(
        500,
        "server_error",
        "Surety could not carry out the request because of an internal error. Nothing was changed. Ask the operator to"
        " look at the log.",
    )
