"""Portfolio reports that name a customer to erase. The erasure of the customer deletes these reports too. If one of
these reports also names a customer on legal hold, the erasure is refused.
"""

from __future__ import annotations

from django.db.models import QuerySet

from portal.portfolio_reports.models import PortfolioReport
from portal.retention.selectors import held_among
from tenants.errors import Conflict
from tenants.models import Tenant


class ReportsOnHold(Conflict, code="reports_on_hold"):
    """The erasure would delete reports about customers on legal hold."""


def shared_reports(tenant: Tenant) -> QuerySet[PortfolioReport]:
    """Return the portfolio reports that contain the customer. The erasure of the customer deletes these
    reports. Needs the organization's scope.
    """
    return PortfolioReport.objects.filter(
        organization=tenant.organization_id, customers__contains=[tenant.pk]
    )


def refuse_held_reports(tenant: Tenant, *, locked: bool = False) -> None:
    """Raise ReportsOnHold if one of the customer's portfolio reports also contains a customer on legal hold.

    If `locked` is set, nobody can place a legal hold on a customer of these reports until the transaction ends. Needs a
    scope with the organization and its customers.
    """
    together = {pk for row in shared_reports(tenant).values_list("customers", flat=True) for pk in row}
    others = together - {tenant.pk}
    if locked:
        rows = Tenant.objects.filter(pk__in=others).order_by("pk")
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    held = Tenant.objects.filter(pk__in=held_among(others)).order_by("name")
    if names := ", ".join(row.name for row in held):
        raise ReportsOnHold(
            f"To erase {tenant.name}, Surety must delete portfolio reports that also cover customers on legal hold:"
            f" {names}. Lift these legal holds under Settings › Retention first. A legal hold ends seven days"
            " after you lift it."
        )
