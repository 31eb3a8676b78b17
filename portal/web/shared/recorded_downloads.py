"""Record downloads of files in the journal of the customer or organization from which the data comes."""

from __future__ import annotations

from collections.abc import Callable
from email.message import Message
from functools import wraps
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from portal.web.shared.visible import person
from tenants import journal
from tenants.models import Organization, Tenant

_CUSTOMER: Final = "customer"

type View = Callable[..., HttpResponseBase]


def recorded(view: View) -> View:
    """Decorate a view of `/t/<slug>/…` that answers with a file. The decorator records in the customer's journal who
    downloaded the file.

    Refusals, redirects and HEAD are not recorded, because they send no file.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
        response = view(request, slug=slug, **kwargs)
        if _has_file(request, response):
            tenant = Tenant.objects.get(slug=slug)
            journal.record(
                tenant=tenant,
                actor=person(),
                action="file.downloaded",
                target=tenant,
                details=_details(request, response),
            )
        return response

    return wrapped


def recorded_in_organization(view: View) -> View:
    """Decorate a view of `/organizations/<slug>/…` that answers with a file. The decorator records in the
    organization's journal who downloaded the file.

    The request can have the parameter `customer`, the slug of a customer. The entry then contains the customer's ID, so
    that an erasure of the customer finds the entry.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponseBase:
        response = view(request, slug=slug, **kwargs)
        if _has_file(request, response):
            organization = Organization.objects.get(slug=slug)
            details = _details(request, response)
            if customer := request.GET.get(_CUSTOMER):
                named = Tenant.objects.filter(organization=organization, slug=customer).first()
                details[_CUSTOMER] = str(named.pk) if named else ""
            journal.record(
                organization=organization,
                actor=person(),
                action="file.downloaded",
                target=organization,
                details=details,
            )
        return response

    return wrapped


def _has_file(request: HttpRequest, response: HttpResponseBase) -> bool:
    return request.method == "GET" and response.status_code == HTTPStatus.OK


def _details(request: HttpRequest, response: HttpResponseBase) -> dict[str, str]:
    details = {"file": _file_name(response)}
    # Do not encode the values as in a URL. The pseudonymisation of a person must be able to find the person's name and
    # email address in these values.
    given = [(name, value) for name, values in request.GET.lists() for value in values if name != _CUSTOMER]
    if filters := "&".join(f"{name}={value}" for name, value in given):
        details["filters"] = filters[:500]
    return details


def _file_name(response: HttpResponseBase) -> str:
    """Return the file name that the response states."""
    header = Message()
    header["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    return header.get_filename("") or "without a name"
