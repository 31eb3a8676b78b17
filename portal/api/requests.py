"""Recognise whether a request was sent by a program or by a browser."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

PREFIX: Final = "/api/"
OAUTH: Final = "/oauth/"


def is_api(request: HttpRequest) -> bool:
    """Return whether the request is for a URL of the API."""
    return request.path_info.startswith(PREFIX)


def is_of_program(request: HttpRequest) -> bool:
    """Return whether the request is for a URL of the API or of the authorization server. Requests to these URLs are
    handled without cookies.
    """
    return request.path_info.startswith((PREFIX, OAUTH))
