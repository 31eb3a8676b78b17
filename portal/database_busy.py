"""Answer 503 to requests that exceed a limit of the database (`portal.http.database_limits`).

The transaction was undone. It is not tried again, because the same query would occupy the thread once more.
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
from portal.http.database_limits import exceeded_limit

RETRY_SECONDS: Final = 60
_DETAIL: Final = (
    "The database did not finish this request in time, so Surety stopped it and undid its changes. Send it again"
    " after the seconds in Retry-After. Ask for fewer objects, if the request has filters or a period."
)

log = structlog.get_logger(__name__)


class DatabaseBusyMiddleware:
    """Answer 503 if a view exceeds a limit of the database.

    This middleware must come before ScopeMiddleware: if a view raises an exception, ScopeMiddleware first undoes what
    the view has written, and this middleware then answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        limit = exceeded_limit(exception)
        return busy(request, limit) if limit else None


@requires_csrf_token
def handler500(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected error, or a database limit that was exceeded outside of a view, such as in a middleware.

    Django calls this function while it handles the exception, so `sys.exception()` returns it.
    """
    if limit := exceeded_limit(sys.exception()):
        return busy(request, limit)
    return problem_of_server_error() if is_api(request) else page_of_server_error(request)


def busy(request: HttpRequest, limit: str) -> HttpResponse:
    """Return the answer 503, and log which limit was exceeded. The page is rendered without a query."""
    match = request.resolver_match
    log.error("database_limit_exceeded", limit=limit, view=match.view_name if match else "")
    headers = {"Retry-After": str(RETRY_SECONDS)}
    if is_api(request):
        return problem(503, "database_busy", _DETAIL, headers=headers)
    if request.path_info.startswith(OAUTH):
        answer = {"error": "temporarily_unavailable", "error_description": _DETAIL}
        return JsonResponse(answer, status=503, headers={**headers, "Cache-Control": "no-store"})
    text = loader.get_template("503_database.html").render()
    return HttpResponse(text, status=503, headers=headers)
