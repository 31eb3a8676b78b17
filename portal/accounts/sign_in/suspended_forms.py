"""Bind each suspended form to the browser in which the form was filled in.

A form is suspended if the person must re-authenticate before the form is processed. allauth stores the form in the
session, and submits it after the re-authentication. Without this middleware, somebody with a copied session cookie
could store a form there, and the person's next re-authentication would submit it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import escape

from portal.accounts.returning import path_in_portal

HASH_KEY: Final = "surety_suspended_form"
# The session key of the suspended form that was deleted last. The value has the form's path and the page with the form.
EXPIRED_KEY: Final = "surety_expired_form"
MAX_AGE_SECONDS: Final = 600
# The views that complete a re-authentication, by the names of their URLs.
_PROOFS: Final = frozenset(
    {
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "openid_connect_callback",
    }
)
_FORM_WITHOUT_ACTION: Final = re.compile(r"<form\b(?![^>]*\saction=)")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _send_to(response: HttpResponseBase, path: str) -> None:
    """If the response is an HTML page, set `action` to `path` in each form that has no `action`."""
    if isinstance(response, HttpResponse) and response.headers.get("Content-Type", "").startswith(
        "text/html"
    ):
        page = response.content.decode(response.charset)
        response.content = _FORM_WITHOUT_ACTION.sub(lambda found: f'{found[0]} action="{escape(path)}"', page)


def _return_to_form(response: HttpResponseBase, state: dict[str, Any]) -> None:
    """In the redirect to the re-authentication, set `next`, the URL to which the person returns, to the path of the
    suspended form.

    allauth sets `next` to the form's path with the query. But after the re-authentication, allauth submits the form
    only if `next` is the path without the query. The query is not lost, because the stored form contains it.
    """
    if "request" in state and (location := response.headers.get("Location")):
        parts = urlsplit(location)
        query = QueryDict(parts.query, mutable=True)
        query[REDIRECT_FIELD_NAME] = json.loads(state["request"])["path"]
        response.headers["Location"] = parts._replace(query=query.urlencode()).geturl()


def kept_form(request: HttpRequest) -> str:
    """Return the kind of the suspended form that allauth will submit after the person re-authenticates on the requested
    page. If there is no such form, return an empty text.

    The kind is “files” for a form with a field for files, and “form” for any other form. The files themselves are
    neither stored nor submitted.
    """
    state = request.session.get(STATE_SESSION_KEY) or {}
    if "request" not in state:
        return ""
    stored = json.loads(state["request"])
    given = request.POST if request.method == "POST" else request.GET
    if stored["path"] != given.get(REDIRECT_FIELD_NAME):
        return ""
    return "files" if stored["META"].get("CONTENT_TYPE", "").startswith("multipart/") else "form"


def _page_of_form(request: HttpRequest, referrer: str) -> str:
    """Return the page of the portal that had the form. If `referrer` is not such a page, return the start page."""
    return path_in_portal(request, referrer) or reverse("portfolio")


def _delete_form(request: HttpRequest) -> None:
    """Delete the suspended form, and remember from which page it came."""
    state = request.session.pop(STATE_SESSION_KEY)
    request.session.pop(HASH_KEY, None)
    if "request" in state:
        stored = json.loads(state["request"])
        page = _page_of_form(request, stored["META"].get("HTTP_REFERER", ""))
        request.session[EXPIRED_KEY] = {"path": stored["path"], "page": page}


class SuspendedFormMiddleware:
    """Bind a suspended form to a cookie of the browser that sent the form. If another browser sends a request in the
    same session, delete the form.

    When the person has re-authenticated, allauth submits the form and returns the response. If the form has mistakes,
    this response is the page with the form, but the browser shows the page at the URL of the re-authentication. So the
    middleware makes the URL of the suspended form, including its query, the target of the page's forms.

    The cookie ends after ten minutes. `ExpiredFormMiddleware` answers a re-authentication that takes longer with a page
    that leads back to the form.

    In the settings, this middleware comes before allauth's, which suspends forms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        session = request.session
        before = session.get(STATE_SESSION_KEY)
        if before is not None and not self._is_of_this_browser(request):
            _delete_form(request)
            before = None
        path = request.path
        response = self.get_response(request)
        if request.path != path:  # allauth has changed the path to that of the suspended form.
            _send_to(response, request.get_full_path())
        after = request.session.get(STATE_SESSION_KEY)
        if after is not None and after is not before:
            request.session.pop(EXPIRED_KEY, None)
            token = secrets.token_urlsafe(24)
            request.session[HASH_KEY] = _hash(token)
            _return_to_form(response, after)
            response.set_cookie(
                settings.SURETY_FORM_COOKIE,
                token,
                max_age=MAX_AGE_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def _is_of_this_browser(self, request: HttpRequest) -> bool:
        expected = request.session.get(HASH_KEY, "")
        return hmac.compare_digest(_hash(request.COOKIES.get(settings.SURETY_FORM_COOKIE, "")), expected)


class ExpiredFormMiddleware:
    """If a suspended form was deleted before the re-authentication ended, show a page that says that the form was not
    sent, instead of the redirect to the form's path.

    Many paths of forms accept only POST. In the settings, this middleware comes after the middleware that sets the
    scope, because the navigation of the page needs the scope.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        found = request.resolver_match
        if found is None or found.view_name not in _PROOFS or response.status_code != 302:
            return response
        expired = request.session.get(EXPIRED_KEY)
        if expired is None or response.headers["Location"] != expired["path"]:
            return response
        del request.session[EXPIRED_KEY]
        return render(request, "accounts/form_expired.html", {"page": expired["page"]})
