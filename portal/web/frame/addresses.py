"""Declare the addresses of the pages, each under its entry in the navigation.

`_page` and `_form` require a signed-in person, `_guarded` a person who authenticated within the last five minutes;
`_public` pages are for everybody. A `_page` answers 405 to POST, so each form is declared as `_form` or `_guarded`.
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


def _page(route: str, view: View, name: str) -> URLPattern:
    """A page to read, without a form."""
    return path(route, login_required(require_safe(view)), name=name)


def _form(route: str, view: View, name: str) -> URLPattern:
    """A page with a form for signed-in people. If it requires recent authentication, its view asks for it.

    A form that changes access, credentials, roles, policies, what is read or who is notified needs `_guarded`, or a
    decorator of `step_up`. tests/portal/accounts/test_step_up.py lists the forms that need neither, with the reason.
    """
    return path(route, login_required(view), name=name)


def _guarded(route: str, view: View, name: str) -> URLPattern:
    """A page that requires recent authentication.

    The page approves requests, or it changes access, credentials, roles, policies, which data is read, or who
    is notified.
    """
    return path(route, login_required(step_up(view)), name=name)


def _public(route: str, view: View, name: str) -> URLPattern:
    """A page for everybody, also without signing in."""
    return path(route, view, name=name)


def _under(page: navigation.Page, *patterns: URLPattern) -> tuple[URLPattern, ...]:
    """Declare addresses at which the navigation marks `page` as current."""
    for pattern in patterns:
        setattr(pattern.callback, navigation.PAGE_ATTRIBUTE, page)
    return patterns
