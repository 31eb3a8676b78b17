"""Rules for all requests and responses: permitted methods, and clearing the browser's copies at sign-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

# Views treat every method other than POST like GET, so TRACE and unknown methods would return pages.
METHODS: Final = ("GET", "HEAD", "POST")
_SIGNED_OUT: Final = "_surety_signed_out"

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class AllowedMethodsMiddleware:
    """Answer 405 to every method but `METHODS`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class ClearSiteDataMiddleware:
    """Tell the browser to delete cached pages and stored values when the person has signed out.

    Cookies are not cleared: the session cookie is deleted by name, and the theme may stay.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, _SIGNED_OUT, False):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


@receiver(user_logged_out)
def _mark_signed_out(request: HttpRequest | None = None, **_signal: Any) -> None:
    if request is not None:
        setattr(request, _SIGNED_OUT, True)
