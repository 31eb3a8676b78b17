"""Refuse requests whose Content-Type is malformed or names a charset other than UTF-8, before Django reads them.

Django would decode fields with any codec of Python, such as base64 or IDNA. Some of these codecs raise errors that
Django does not expect, or take quadratic time. Browsers send forms in UTF-8 only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

from django.utils.http import parse_header_parameters

from portal.http.request_bodies import Application, Environ, Refused, refuse

_CHARSET: Final = "utf-8"


class Utf8Requests:
    """A WSGI application that wraps another application, and passes only requests in UTF-8 to that application."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if problem := _problem(environ.get("CONTENT_TYPE", "")):
            return refuse(Refused(HTTPStatus.BAD_REQUEST, problem), environ, start_response)
        return self._application(environ, start_response)


def _problem(content_type: str) -> str:
    try:
        _, parameters = parse_header_parameters(content_type)
    except ValueError:  # UnicodeError, for example from an unusable codec, is a ValueError too.
        return "The Content-Type of the request is malformed. Send a Content-Type such as application/json."
    if str(parameters.get("charset", _CHARSET)).lower() != _CHARSET:
        return "The charset of the request is not accepted. Send the request in UTF-8."
    return ""
