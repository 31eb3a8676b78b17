"""The error tree of the product: every error has a code, fields, and a message that says what to do.

Other apps derive their own errors from these. `fields` names the inputs that are at fault (for forms and
the API: `{"name": ["too long"]}`); `code` is stable and may be matched on, `message` may not.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404

type Fields = Mapping[str, Sequence[str]]


class SuretyError(Exception):
    """The root. `code` is a stable slug, `message` a sentence for a person, `fields` the inputs at fault."""

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None, fields: Fields | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class InvalidInput(SuretyError):
    """What was given cannot be used (HTTP 400)."""

    default_code = "invalid_input"


class Conflict(SuretyError):
    """What was asked contradicts what is there (HTTP 409)."""

    default_code = "conflict"


class NotFound(SuretyError, Http404):
    """There is no such object for this person: missing, foreign and malformed ids look alike (HTTP 404)."""

    default_code = "not_found"


class PermissionDenied(SuretyError, DjangoPermissionDenied):
    """The object may be seen, but the person's role lacks the capability (HTTP 403)."""

    default_code = "permission_denied"


class NoScope(SuretyError):
    """Code asked for tenants' data without saying whose: a programming error, never shown as a 404."""

    default_code = "no_scope"


class ScopeConflict(SuretyError):
    """A scope was opened inside another one that does not contain it: a programming error."""

    default_code = "scope_conflict"


class SecretsUnusable(SuretyError):
    """The key ring is missing, malformed or readable by others, or a sealed value does not open with it."""

    default_code = "secrets_unusable"


def invalid(field: str, message: str, *, code: str = "invalid_input") -> InvalidInput:
    """An InvalidInput about one field, whose message is also the error's."""
    return InvalidInput(message, code=code, fields={field: [message]})
