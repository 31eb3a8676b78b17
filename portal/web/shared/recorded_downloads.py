"""Downloads of a customer's records, which the journal records."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from portal.web.shared.visible import person
from tenants import journal
from tenants.models import Tenant

type View = Callable[..., HttpResponseBase]


def recorded(view: View) -> View:
    """Decorator for a view of `/t/<slug>/…` that answers with a file. It records in the journal who downloaded the
    file.

    Refusals, redirects and HEAD are not recorded, because they send no file.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
        response = view(request, slug=slug, **kwargs)
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            tenant = Tenant.objects.get(slug=slug)
            details = {"file": _file_name(response)}
            if filters := request.GET.urlencode():
                details["filters"] = filters[:500]
            journal.record(
                tenant=tenant, actor=person(), action="file.downloaded", target=tenant, details=details
            )
        return response

    return wrapped


def _file_name(response: HttpResponseBase) -> str:
    """Return the file name that the response states."""
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    return header.get_filename("") or "without a name"
