"""Answer 503 to requests that exceed a limit of the database (`portal.http.database_limits`) or cannot reach the
database.

When a limit is exceeded, the transaction is undone. The request is not tried again, because the same query would occupy
the thread once more.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as page_of_server_error

from portal.api.problems import problem
from portal.api.problems import server_error as problem_of_server_error
from portal.api.requests import OAUTH, is_api
from portal.http.database_limits import exceeded_limit, is_unreachable

RETRY_SECONDS: Final = 60
_TOO_SLOW: Final = (
    "The database did not finish this request in time. Surety stopped the request and undid its changes. Wait for"
    " the number of seconds in the header Retry-After, then send the request again. If the request has filters"
    " or a period, narrow them."
)
_UNREACHABLE: Final = (
    "Surety cannot reach its database at the moment. Wait for the number of seconds in the header Retry-After, then"
    " send the request again. If the request changes something, send the same Idempotency-Key."
)

log = structlog.get_logger(__name__)


class DatabaseBusyMiddleware:
    """Answer 503 if a view exceeds a limit of the database, or cannot reach the database.

    This middleware must come before ScopeMiddleware in the settings. Django passes an exception of a view to the last
    middleware first. So ScopeMiddleware undoes what the view has written, before this middleware answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_to(request, exception)


@requires_csrf_token
def handler500(request: HttpRequest) -> HttpResponse:
    """Answer 503 if the database was busy or unreachable outside of a view, such as in a middleware, otherwise 500."""
    # Django is handling the exception, so `sys.exception()` returns it.
    if answer := answer_to(request, sys.exception()):
        return answer
    return problem_of_server_error() if is_api(request) else page_of_server_error(request)


def answer_to(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return the answer 503 if the error is an exceeded limit of the database, or if the database cannot be reached.
    Log which of the two it is. Return None for other errors.
    """
    match = request.resolver_match
    view = match.view_name if match else ""
    if limit := exceeded_limit(error):
        log.error("database_limit_exceeded", limit=limit, view=view)
        return unavailable(request, "database_busy", _TOO_SLOW, "503_database.html")
    if is_unreachable(error):
        log.error("database_unreachable", error=str(error), view=view)
        return unavailable(request, "database_unreachable", _UNREACHABLE, "503_unreachable.html")
    return None


def unavailable(request: HttpRequest, code: str, detail: str, template: str) -> HttpResponse:
    """Return the answer 503. Its page needs no query, because the database may not answer."""
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if is_api(request):
        return problem(503, code, detail, headers=headers)
    if request.path_info.startswith(OAUTH):
        answer = {"error": "temporarily_unavailable", "error_description": detail}
        return JsonResponse(answer, status=503, headers={**headers, "Cache-Control": "no-store"})
    return HttpResponse(loader.get_template(template).render(), status=503, headers=headers)
