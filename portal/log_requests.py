"""Describe the request of a log line: method, path, person and address, without secrets in the path.

Django attaches the request to its warnings about refused requests (400 to 499), attacks and errors.
"""

from __future__ import annotations

import re
from typing import Any, Final

from structlog.typing import EventDict

# Path segments that are credentials: links that reset a password, verify an address, accept an invitation, unsubscribe,
# or sign an administrator in in an emergency.
_SECRET_PATH: Final = re.compile(
    r"^(/accounts/password/reset/key/|/accounts/confirm-email/|/unsubscribe/|/invitations?/|/emergency/)[^/]+"
)


def loggable_path(path: str) -> str:
    """Return the path with a placeholder for a token, and without a query string."""
    return _SECRET_PATH.sub(r"\1[hidden]", path.partition("?")[0])


def describe_request(logger: Any, method: str, event: EventDict) -> EventDict:
    """Replace the field `request` by the fields `method`, `path`, `person` and `address` (a structlog processor)."""
    request = event.pop("request", None)
    if not hasattr(request, "META"):
        return event
    path = str(request.path)
    # The messages of django.request end with the path.
    event["event"] = str(event.get("event", "")).replace(path, loggable_path(path))
    event["method"] = request.method
    event["path"] = loggable_path(path)
    event["address"] = request.META.get("REMOTE_ADDR", "")
    # Use only a person that is already loaded, because the database may be unreachable while an error is logged.
    person = getattr(request, "_cached_user", None)
    if person is not None and person.is_authenticated:
        event["person"] = str(person.pk)
    return event
