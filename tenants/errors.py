"""Define the base classes of all errors. Each error has a stable code, a message that says what to do, and the invalid
fields.

`fields` maps names of invalid inputs to messages, for forms and the API: `{"name": ["too long"]}`. Code may compare
`code`, never `message`.
"""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404

type Fields = Mapping[str, Sequence[str]]


class SuretyError(Exception):
    """Base class of Surety's errors. `code` is a stable slug, `message` is a sentence for people, and `fields` are the
    invalid inputs.
    """

    default_code = "error"

    def __init_subclass__(cls, code: str = "", **more: object) -> None:
        """Set the code of all errors of a class: `class NotFailing(Conflict, code="not_failing")`."""
        super().__init_subclass__(**more)
        cls.default_code = code or cls.default_code

    def __init__(self, message: str, *, code: str | None = None, fields: Fields | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in (fields or {}).items()}


class Refusal(SuretyError):
    """An action was refused. The message says why the action was refused, and what the person can do.

    Pages catch this class and show the message. They do not catch NotFound, so that the id of somebody else's object
    always gets a 404.
    """


class InvalidInput(Refusal, code="invalid_input"):
    """The input is invalid (HTTP 400)."""


class Conflict(Refusal, code="conflict"):
    """The current state does not permit the request (HTTP 409)."""


class NotFound(SuretyError, Http404, code="not_found"):
    """The person has no such object (HTTP 404). Missing, foreign and malformed ids cause the same error."""


class PermissionDenied(Refusal, DjangoPermissionDenied, code="permission_denied"):
    """The person can see the object, but no role of the person permits the request (HTTP 403)."""


class NoScope(SuretyError, code="no_scope"):
    """Code read tenant data without an open scope. This is a programming error, so it is never shown as a 404."""


class ScopeConflict(SuretyError, code="scope_conflict"):
    """A scope was opened inside an outer scope that does not contain the whole inner scope. This is a programming
    error.
    """


class SecretsUnusable(Refusal, code="secrets_unusable"):
    """The key ring is malformed or readable by other users, or it cannot decrypt a sealed value."""


def invalid(field: str, message: str, *, code: str = "invalid_input") -> InvalidInput:
    """Return an InvalidInput for one field. Both the error and the field get the message."""
    return InvalidInput(message, code=code, fields={field: [message]})
