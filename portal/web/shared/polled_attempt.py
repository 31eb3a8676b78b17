"""When a polled sign-in has ended, reload the whole page, because all parts of the page depend on the result."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from assessments.actions.credentials.attempt_records import Attempt


def has_ended_while_polled(request: HttpRequest, attempt: Attempt | None) -> bool:
    """Return whether this is a request of htmx for the result of a sign-in that has ended."""
    return "HX-Request" in request.headers and attempt is not None and not attempt.is_waiting


def reload_page() -> HttpResponse:
    """Return a response that makes htmx load the page again."""
    return HttpResponse(headers={"HX-Refresh": "true"})
