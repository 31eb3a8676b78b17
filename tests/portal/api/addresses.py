"""The addresses of the API, filled in with the ids of objects of the test data."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from portal.api.listing import Listing, ListView
from tenants.models import Tenant
from tests.portal.web.world import World

# {beginning of the name of an address: name of its object in the test data}, if the two differ.
_OBJECTS = {
    "service-principal": "principal",
    "sign-in": "principal",
    "attestation": "manual",
    "bulk-job": "bulk_job",
    "exception-comment": "exception_comment",
    "failed-post": "post",
    "failed-mail": "mail",
    "scan-import": "scan_import",
    "member": "membership",
    "report-schedule": "report_schedule",
    "report-link": "report_link",
    "report-delivery": "report_delivery",
    "foreign-subscription": "delegated",
    "organization-managing-principal": "managing_principal",
    "organization-sign-in": "managing_principal",
    "organization-delegation": "delegation",
    "organization-campaign": "campaign",
    "organization-baseline": "baseline",
    "organization-report-schedule": "organization_report_schedule",
    "organization-portfolio-report-link": "portfolio_link",
    "organization-portfolio-report-delivery": "portfolio_delivery",
    "organization-portfolio-report": "portfolio_report",
    "owner-rule": "rule",
    "watch-rule": "watch_rule",
    "exclusion-rule": "exclusion_rule",
    "planned-change": "planned_change",
    "organization-client-secret": "service_account",
    "organization-ticket-system": "ticket_system",
    "organization-ticket-rule": "ticket_rule",
    "organization-failed-ticket": "ticket",
    "organization-own-control": "own_control",
}


def addresses() -> dict[str, URLPattern]:
    """Return {name: pattern} of all addresses that need a token."""
    patterns = [one for one in get_resolver("portal.api.urls").url_patterns if isinstance(one, URLPattern)]
    return {str(one.name): one for one in patterns if one.name not in ("api-nothing", "api-contract")}


def listings() -> list[Listing[Any]]:
    """Return the declarations of all lists of objects that belong to a customer."""
    views = [getattr(one.callback, "view_class", None) for one in addresses().values()]
    return [view.listing for view in views if isinstance(view, type) and issubclass(view, ListView)]


def object_of(singular: str, world: World, tenant: Tenant) -> Any:
    """Return the test data's object for addresses of the kind `singular`, such as `finding`."""
    name, objects = _OBJECTS.get(singular, singular), world.of(tenant)
    if name not in objects:
        raise LookupError(
            f"The test data have no object “{name}”: make one in tests/portal/web/world.py, or name another one in"
            " _OBJECTS."
        )
    return objects[name]


def address_of(pattern: URLPattern, world: World, tenant: Tenant) -> str:
    """Return the address with the ids of the customer and, if it needs one, of an object of the customer."""
    kind = str(pattern.name).removeprefix("api-")
    values: dict[str, Any] = {
        "customer": tenant.slug,
        "organization": tenant.organization.slug,
        "control": "storage-secure-transfer",
        "framework": "cis-6.0.0",
        "number": 1,
        "sequence": 1,
        "rule": "worsened",
    }
    names = pattern.pattern.converters
    if "pk" in names:
        # `kind` begins with the kind of the object, as in `finding-assign`.
        parents = [one for one in _OBJECTS if kind.startswith(one)]
        values["pk"] = object_of(parents[0] if parents else kind.partition("-")[0], world, tenant).pk
    if "secret" in names:
        values["secret"] = object_of("client_secret", world, tenant).pk
    return reverse(str(pattern.name), kwargs={name: values[name] for name in names})


def items(client: Client, address: str) -> list[dict[str, Any]]:
    """Return all items of a list, from all of its pages."""
    found: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        page = client.get(following).json()
        found += page["items"]
        following = page["next"]
    return found
