"""Which requests belong to the API."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest

PREFIX: Final = "/api/"


def is_api(request: HttpRequest) -> bool:
    """Return whether the request is for an address of the API."""
    return request.path_info.startswith(PREFIX)
