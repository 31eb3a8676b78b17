"""Base classes of all errors: each has a stable code, a message that says what to do, and the invalid fields.

Other apps derive their own errors from these. `fields` maps the names of invalid inputs to messages, for forms
and the API: `{"name": ["too long"]}`. Code may compare `code`, never `message`.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404

type Fields = Mapping[str, Sequence[str]]


class SuretyError(Exception):
    """Base class. `code` is a stable slug, `message` a sentence for people, `fields` the invalid inputs."""

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None, fields: Fields | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class InvalidInput(SuretyError):
    """The input is invalid (HTTP 400)."""

    default_code = "invalid_input"


class Conflict(SuretyError):
    """The request contradicts the current state (HTTP 409)."""

    default_code = "conflict"


class NotFound(SuretyError, Http404):
    """The person has no such object (HTTP 404). Missing, foreign and malformed ids look the same."""

    default_code = "not_found"


class PermissionDenied(SuretyError, DjangoPermissionDenied):
    """The person can see the object, but no role of theirs has the capability (HTTP 403)."""

    default_code = "permission_denied"


class NoScope(SuretyError):
    """Code read tenant data without an open scope: a programming error, never shown as a 404."""

    default_code = "no_scope"


class ScopeConflict(SuretyError):
    """A scope was opened inside a scope that does not contain it: a programming error."""

    default_code = "scope_conflict"


class SecretsUnusable(SuretyError):
    """The key ring is malformed or readable by others, or it cannot decrypt a sealed value."""

    default_code = "secrets_unusable"


def invalid(field: str, message: str, *, code: str = "invalid_input") -> InvalidInput:
    """Return an InvalidInput for one field; the error and the field have the same message."""
    return InvalidInput(message, code=code, fields={field: [message]})
