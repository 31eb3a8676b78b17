"""Serve the page “Who does what”, for all customers of the signed-in person, or for one customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.queries.findings.filters import UNASSIGNED
from portal.queries.owners import workload as queries
from portal.queries.owners.workload import Load, OwnerLoad
from portal.treatment.states import ShownState
from tenants import access
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability

# An owner's row on the page can be opened. An opened row lists at most this many customers, unless the query parameter
# `all` is given.
_MAX_CUSTOMERS: Final = 25


def workload(request: HttpRequest) -> HttpResponse:
    """List the owners of findings of all customers.

    `?person=ID` opens the row of an owner. The row then lists the owner's `_MAX_CUSTOMERS` most urgent customers, or
    every customer if the query also has `all`.
    """
    tenants = list(access.tenants(needs=Capability.VIEW_ALL))
    asked = parse_uuid(request.GET.get("person", ""))
    rows, unknown = queries.workload(tenants, timezone.now(), asked)
    by_id = {tenant.pk: tenant for tenant in tenants}
    most = None if "all" in request.GET else _MAX_CUSTOMERS
    context = {
        "rows": [
            _row(row, by_id, is_open=row.person is not None and row.person.pk == asked, most=most)
            for row in rows
        ],
        "customer_count": len(tenants),
        "known_count": len(tenants) - len(unknown),
        "unknown": unknown,
        "total": _total(rows),
    }
    return render(request, "workload/workload.html", context)


def tenant_workload(request: HttpRequest, slug: str) -> HttpResponse:
    """List the owners of one customer's findings."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    rows, unknown = queries.workload([tenant], timezone.now())
    context = {
        "tenant": tenant,
        "rows": [_row(row, {tenant.pk: tenant}, is_open=False) for row in rows],
        "unknown": unknown,
        "total": _total(rows),
    }
    return render(request, "workload/workload.html", context)


def _total(rows: list[OwnerLoad]) -> Load:
    total = Load()
    for row in rows:
        total.add(row.total)
    return total


def _row(
    row: OwnerLoad, tenants: Mapping[UUID, Tenant], *, is_open: bool, most: int | None = None
) -> dict[str, Any]:
    """Return the row of an owner.

    If the row is opened (`is_open`), it lists at most `most` customers of the owner, or all customers if `most` is
    None.
    """
    single = tenants[row.only_customer] if row.only_customer else None
    pk = str(row.person.pk) if row.person else ""
    listed = _most_urgent(row, tenants)[:most] if is_open else []
    more = row.customers - len(listed) if is_open else 0
    return {
        "pk": pk,
        "name": row.name,
        "email": row.person.email if row.person else "",
        "load": row.total,
        "counts": _counts(single, pk, row.total),
        "cannot_act": row.cannot_act,
        "customers": row.customers,
        "is_open": is_open,
        "url": _address(pk, is_open=is_open) if pk and len(tenants) > 1 else "",
        "places": [
            {"tenant": tenant, "counts": _counts(tenant, pk, row.by_customer[tenant.pk])} for tenant in listed
        ],
        "more": more,
        "all_url": f"{reverse('workload')}?person={pk}&all=1#person-{pk}" if more else "",
    }


def _most_urgent(row: OwnerLoad, tenants: Mapping[UUID, Tenant]) -> list[Tenant]:
    """Return an owner's customers. The customer with most overdue findings of this owner comes first. Customers with
    equal numbers of overdue findings are sorted by the numbers of this owner's open findings.
    """
    loads = row.by_customer
    places = [tenant for pk, tenant in tenants.items() if pk in loads]
    return sorted(places, key=lambda tenant: (-loads[tenant.pk].overdue, -loads[tenant.pk].open))


def _address(pk: str, *, is_open: bool) -> str:
    """Return the URL that opens or closes the list of an owner's customers."""
    return f"{reverse('workload')}{'' if is_open else f'?person={pk}'}#person-{pk}"


def _counts(tenant: Tenant | None, pk: str, load: Load) -> list[tuple[str, int, str, bool]]:
    """Return the cells of a row: (label, number, URL of the counted findings, whether a number above zero is bad).

    If `tenant` is None, the findings of all customers are counted.
    """
    listed = reverse("findings", args=[tenant.slug]) if tenant else reverse("all-findings")

    def url(**query: str) -> str:
        return f"{listed}?{urlencode({'owner': pk or UNASSIGNED, **query})}"

    return [
        ("Open", load.open, url(state=ShownState.OPEN), False),
        ("Critical", load.critical, url(state=ShownState.OPEN, severity="critical"), True),
        ("Overdue", load.overdue, url(due="overdue"), True),
        ("Acknowledged", load.acknowledged, url(state=ShownState.ACKNOWLEDGED), False),
    ]
