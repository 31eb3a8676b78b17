"""Declare the URLs of the pages, each under its entry in the navigation.

`page` and `form` require a signed-in person, `guarded` an authentication within the last five minutes; `public` is for
everybody. A `page` answers 405 to POST, so forms need `form` or `guarded`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from portal.accounts.step_up import step_up
from portal.web.frame import navigation

type View = Callable[..., HttpResponseBase]


def page(route: str, view: View, name: str) -> URLPattern:
    """A page without a form."""
    return path(route, login_required(require_safe(view)), name=name)


def form(route: str, view: View, name: str) -> URLPattern:
    """A page with a form for signed-in people. If it requires recent authentication, its view asks for it.

    Some forms change access, credentials, roles, policies, which data is read from Azure, or who is notified. They need
    `guarded` or a decorator of `step_up`. tests/portal/accounts/test_step_up.py lists exceptions with reasons.
    """
    return path(route, login_required(view), name=name)


def guarded(route: str, view: View, name: str) -> URLPattern:
    """A page that requires recent authentication.

    It approves requests, or changes access, credentials, roles, policies, which data is read from Azure, or who is
    notified.
    """
    return path(route, login_required(step_up(view)), name=name)


def public(route: str, view: View, name: str) -> URLPattern:
    """A page for everybody, also without signing in."""
    return path(route, view, name=name)


def under(entry: navigation.Page, *patterns: URLPattern) -> tuple[URLPattern, ...]:
    """Declare URLs at which the navigation marks `entry` as current."""
    for pattern in patterns:
        setattr(pattern.callback, navigation.PAGE_ATTRIBUTE, entry)
    return patterns
