"""Declare the URLs of the pages, each under its entry in the navigation.

`page` and `form` require a signed-in person. `guarded` requires that the person has authenticated within the last five
minutes. `public` is for everybody. A `page` answers 405 to POST, so forms need `form` or `guarded`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from portal.accounts.returning import sign_in_url
from portal.accounts.sign_in.step_up import step_up
from portal.web.frame import navigation

type View = Callable[..., HttpResponseBase]


def page(route: str, view: View, name: str) -> URLPattern:
    """Declare a page for signed-in people. The page has no form."""
    return path(route, _signed_in(require_safe(view)), name=name)


def form(route: str, view: View, name: str) -> URLPattern:
    """Declare a page for signed-in people. The page has a form.

    A form needs `guarded` or a decorator of `step_up` if it changes access, credentials, roles, policies, the data that
    Surety reads from Azure, or the recipients of notifications. tests/portal/accounts/sign_in/forms_without_proof.py
    lists the exempt forms, each with the reason.
    """
    return path(route, _signed_in(view), name=name)


def guarded(route: str, view: View, name: str) -> URLPattern:
    """Declare a page that requires recent authentication.

    On such a page, people approve requests, or change access, credentials, roles, policies, the data that Surety reads
    from Azure, or the recipients of notifications.
    """
    return path(route, _signed_in(step_up(view)), name=name)


def _signed_in(view: View) -> View:
    """Let only signed-in people open a page. Other people sign in first. They then return to the page that they
    requested or from which they sent a form.

    If htmx sent the request, redirect the whole browser page, because htmx would show the sign-in page in a part of the
    current page. If a signed-in person opens the URL of a view that accepts only POST, show the page `405.html`.
    """
    required = login_required(view)

    @wraps(required)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if "HX-Request" in request.headers:
                return HttpResponse(status=204, headers={"HX-Redirect": sign_in_url(request)})
            if request.method == "POST":
                return redirect(sign_in_url(request))
        response = required(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed) and request.method != "POST":
            response.content = render_to_string("405.html", request=request)
        return response

    return answered


def public(route: str, view: View, name: str) -> URLPattern:
    """Declare a page for everybody, including people who are not signed in."""
    return path(route, view, name=name)


def under(entry: navigation.Page, *patterns: URLPattern) -> tuple[URLPattern, ...]:
    """Declare URLs at which the navigation marks `entry` as current."""
    for pattern in patterns:
        setattr(pattern.callback, navigation.PAGE_ATTRIBUTE, entry)
    return patterns
