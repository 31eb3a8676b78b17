"""Middleware of all requests. It limits HTTP methods, URL parameters and the number of requests, forbids cached copies,
replaces characters that reorder text, and deletes the browser's cached data after sign-out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.cache import cache
from django.core.exceptions import TooManyFieldsSent
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader
from redis.exceptions import RedisError

from portal.api.problems import problem
from portal.api.rate_limits import rate_headers, too_many
from portal.api.requests import is_api, is_of_program
from portal.http.client_networks import UNKNOWN, client_network
from portal.http.export_slots import MAX_EXPORTS_OF_PERSON, ExportSlots
from portal.http.person_turns import MAX_RUNNING, Turns
from tenants.models import Person

# The permitted methods. Without this limit, TRACE and unknown methods would return pages, because views treat
# every method except POST like GET.
METHODS: Final = ("GET", "HEAD", "POST")
# Pages that answer with many rows or a whole file. The number of a person's requests for them in a minute is limited.
EXPORTS: Final = frozenset(
    (
        "access-review-csv",
        "access-review-xlsx",
        "attestations-export",
        "configuration-export",
        "customer-export",
        "erasure-certificate",
        "exceptions-export",
        "exposure-csv",
        "findings-csv",
        "findings-json",
        "findings-ocsf",
        "findings-oscal",
        "findings-past-csv",
        "findings-xlsx",
        "framework-csv",
        "framework-xlsx",
        "inventory-csv",
        "journal-chain",
        "journal-csv",
        "organization-journal-chain",
        "organization-journal-csv",
        "portfolio-report-download",
        "report-bundle",
        "report-download",
        "resource-changes-csv",
        "tenant-framework-csv",
        "tenant-framework-xlsx",
    )
)
# Exports that send a stored file, so they occupy a thread only for a short time.
_STORED_FILES: Final = frozenset(
    ("customer-export", "erasure-certificate", "portfolio-report-download", "report-download")
)
# Pages that take as much time to compute as an export: the findings of a past day.
_LONG_PAGES: Final = frozenset(("findings-past",))
# Pages with a preview that compares a rule with thousands of changes. A person's requests for these pages are limited
# per minute.
PREVIEWS: Final = frozenset(("watch-rule", "watch-rule-add"))
# Downloads of a single file that somebody attached. Their number is limited, because the journal records each download,
# and its entries cannot be deleted.
ATTACHED_FILES: Final = frozenset(("evidence-file",))
MAX_PARAMETERS: Final = 200
_MINUTE: Final = 60
# The characters that reorder text, U+202A to U+202E and U+2066 to U+2069, in UTF-8.
_REORDERING: Final = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
PRIVATE: Final = "private, no-store"
_SIGNED_OUT: Final = "_surety_signed_out"
_RELEASE: Final = "_surety_release_export"

log = structlog.get_logger(__name__)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class AllowedMethodsMiddleware:
    """Answer 405 to requests with a method other than those in `METHODS`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class PrivateResponsesMiddleware:
    """Forbid browsers and proxies to keep copies of pages, files and errors.

    Pages for people who are not signed in are included, because these pages contain tokens of forms and mailed links.
    If a view has set `no-store` itself, its header does not change. Static files are not affected, because outer
    middleware serves them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = PRIVATE
        return response


class ReadingOrderMiddleware:
    """On every HTML page, write � in place of characters that change the order of text. Other responses do not change.

    Texts from Azure can contain such characters. After U+202E, words appear backwards. Somebody who decides about a
    finding could then misread the name of its resource.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            isinstance(response, HttpResponse)
            and response.headers.get("Content-Type") == "text/html; charset=utf-8"
            and _REORDERING.search(response.content)
        ):
            response.content = _REORDERING.sub("\ufffd".encode(), response.content)
        return response


class ParameterLimitMiddleware:
    """Answer 400 to a URL with too many parameters.

    The page of a list has one link for each of its filters, and each link contains all other filters. So the size of
    the page grows with the square of the number of parameters: a URL of 7 kB with 600 parameters made a page of 12 MB.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if request.META.get("QUERY_STRING", "").count("&") >= MAX_PARAMETERS:
            reason = f"The address has too many parameters. Send at most {MAX_PARAMETERS}."
            if is_api(request):
                return problem(400, "too_many_parameters", reason)
            raise TooManyFieldsSent(reason)
        return None


class ClearSiteDataMiddleware:
    """Tell the browser to delete cached pages and stored values when the person has signed out.

    The browser keeps its cookies. The sign-out itself deletes the session cookie, and the cookie with the chosen theme
    may stay.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, _SIGNED_OUT, False):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class CacheUnavailableMiddleware:
    """Answer 503 if a view needs the cache, but the cache cannot be reached or returns a value that Surety did not
    write.

    Surety limits some requests and counts them in the cache, for example sign-ins, requests for a new password, and
    requests to check a single finding again. While the counts cannot be read, these requests are refused. Other pages
    work without the cache.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RedisError):
            return None
        log.error("cache_unavailable", error=type(exception).__name__)
        if is_api(request):
            detail = "Surety cannot reach the cache, which this request needs. Try again in 30 seconds."
            return problem(503, "cache_unavailable", detail, headers={"Retry-After": "30"})
        response = render(request, "503.html", status=503)
        response.headers["Retry-After"] = "30"
        return response


class PersonTurnMiddleware:
    """Answer 429 if too many requests of one person are computed at the same time (`portal.http.person_turns`). Also
    answer 429 if too many forms without a session, such as sign-ins, come from one network.

    This middleware must come after the middleware that signs people and programs in, and before ScopeMiddleware, so
    that a waiting request has no transaction. The rest of a streamed response, which the server sends later, is
    not counted.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.turns = Turns()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        client = _client_of(request)
        if client is None:
            return self.get_response(request)
        with self.turns.turn(client) as taken:
            if taken:
                return self.get_response(request)
        log.warning("too many running requests", client=str(client))
        headers = {"Retry-After": "1"}
        if is_api(request):
            detail = (
                f"Surety is already processing {MAX_RUNNING} requests of this person, which is the maximum. Nothing was"
                " changed. Send this request again after one of the other requests has ended."
            )
            return problem(429, "too_many_running", detail, headers=headers)
        # Render the page without `request`, because the context of a request would need database queries.
        page = loader.get_template("429.html").render({"kind": "running requests", "limit": MAX_RUNNING})
        return HttpResponse(page, status=429, headers=headers)


def _client_of(request: HttpRequest) -> UUID | str | None:
    """Return the client whose simultaneous requests are counted: the id of the signed-in person or, for a form without
    a session, the network. Return None if the request is not counted.
    """
    person = request.user
    if isinstance(person, Person):  # `request.user` is lazy; isinstance evaluates it
        return person.pk
    if request.method != "POST" or is_of_program(request):
        return None
    network = client_network(request.META.get("REMOTE_ADDR", ""))
    return None if network == UNKNOWN else network


class RequestLimitMiddleware:
    """Answer 429 to a person who sends more changes, exports, previews or downloads of attached files in a minute than
    the settings permit.

    Also answer 429 if too many exports and long pages are computed at the same time. This middleware must be the last
    one, because the page with status 429 needs the person's open scope. If the cache cannot be reached, nothing is
    counted, and a warning is logged.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.slots = ExportSlots()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        release = getattr(request, _RELEASE, None)
        if release is not None:
            # The server closes the response after it has sent the last byte. Closing the response releases the slot.
            # There is a response even if the view fails, because Django converts errors of views to responses.
            response._resource_closers.append(release)  # type: ignore[attr-defined]  # unknown to the stubs
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in EXPORTS:
            kind, limit = "exports", settings.SURETY_EXPORTS_PER_MINUTE
        elif request.method == "POST":
            kind, limit = "changes", settings.SURETY_CHANGES_PER_MINUTE
        elif name in PREVIEWS:
            kind, limit = "previews", settings.SURETY_CHANGES_PER_MINUTE
        elif name in ATTACHED_FILES:
            kind, limit = "files", settings.SURETY_CHANGES_PER_MINUTE
        else:
            return self._start_export(request) if name in _LONG_PAGES else None
        person = request.user
        if not isinstance(person, Person):
            return None
        if not limit or (used := self._count(kind, person)) <= limit:
            return self._start_export(request) if kind == "exports" else None
        if is_api(request):
            return too_many(
                f"You may send {limit} changes in a minute. This limit covers all your tokens and your changes"
                " on pages together. Wait for the number of seconds in the header Retry-After.",
                rate_headers(limit, used),
                code="too_many_changes",
            )
        return self._refused(request, kind, limit)

    def _start_export(self, request: HttpRequest) -> HttpResponse | None:
        """Occupy a slot until the response is closed. Return the page for too many exports if no slot is free."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if not settings.SURETY_LIMIT_EXPORTS or name in _STORED_FILES or not isinstance(request.user, Person):
            return None
        release = self.slots.take(request.user.pk)
        if release is None:
            return self._refused(request, "running exports", MAX_EXPORTS_OF_PERSON)
        setattr(request, _RELEASE, release)
        return None

    @staticmethod
    def _refused(request: HttpRequest, kind: str, limit: int) -> HttpResponse:
        context = {"kind": kind, "limit": limit}
        response = render(request, "429.html", context, status=429)
        response.headers["Retry-After"] = str(_MINUTE)
        return response

    @staticmethod
    def _count(kind: str, person: Person) -> int:
        key = f"requests:{kind}:{person.pk}:{int(time.time()) // _MINUTE}"
        try:
            cache.add(key, 0, 2 * _MINUTE)
            return cache.incr(key)
        except (RedisError, ValueError) as error:
            # The cache raises ValueError if the key was evicted between the two commands.
            log.warning("requests not counted", kind=kind, error=type(error).__name__)
            return 0


@receiver(user_logged_out)
def _mark_signed_out(request: HttpRequest | None = None, **_signal: Any) -> None:
    if request is not None:
        setattr(request, _SIGNED_OUT, True)
