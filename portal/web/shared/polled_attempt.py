"""Reload a page that polls a sign-in when the sign-in has ended, because the whole page depends on the result."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from assessments.actions.attempt_records import Attempt


def has_ended_while_polled(request: HttpRequest, attempt: Attempt | None) -> bool:
    """Return whether htmx asks for the result of a sign-in that is no longer waiting."""
    return "HX-Request" in request.headers and attempt is not None and not attempt.is_waiting


def reload_page() -> HttpResponse:
    """Return a response that makes htmx load the page again."""
    return HttpResponse(headers={"HX-Refresh": "true"})
