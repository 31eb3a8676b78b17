"""Find what the person who sent this request may do and see in a tenant."""

from __future__ import annotations

from django.utils import timezone

from portal.queries.exceptions.inbox import count_waiting
from portal.queries.frame.sidebar_numbers import SidebarNumbers, sidebar_numbers
from portal.queries.subscriptions import unit_names
from portal.treatment.selectors.findings import visible_exceptions, visible_findings
from tenants import scope
from tenants.auditors.review_periods import ReviewPeriod
from tenants.errors import NoScope
from tenants.models import Person, Tenant
from tenants.roles import Capability

__all__ = ["may", "person", "review_periods", "unit_names", "visible_exceptions", "visible_findings"]


def may(capability: Capability, tenant: Tenant) -> bool:
    """Return whether the person who sent this request has the capability in the tenant."""
    return scope.current().may(capability, tenant.pk)


def review_periods(tenant: Tenant) -> tuple[ReviewPeriod, ...]:
    """Return the review periods of the person who sent this request. Return an empty tuple for people who may read all
    records.
    """
    current = scope.current_or_none()
    return current.review_periods.get(tenant.pk, ()) if current else ()


def customer_numbers(tenant: Tenant) -> SidebarNumbers:
    """Return the numbers in the sidebar for a tenant, with one query. People who see only their own findings, or only
    the records of a review period, get no numbers.
    """
    current = scope.current_or_none()
    if current is None or not isinstance(current.person, Person):
        return SidebarNumbers()
    if not current.may(Capability.VIEW_ALL, tenant.pk) or review_periods(tenant):
        return SidebarNumbers()
    decides = current.may(Capability.APPROVE, tenant.pk)
    return sidebar_numbers(tenant, timezone.now(), current.person if decides else None)


def waiting_requests() -> int:
    """Return how many exceptions, in all tenants, wait for a decision by the person who sent this request."""
    current = scope.current_or_none()
    return count_waiting(current.person) if current and isinstance(current.person, Person) else 0


def person() -> Person:
    """Return the person who sent this request."""
    found = scope.current().person
    if not isinstance(found, Person):
        raise NoScope("A page needs a person’s scope: is tenants.middleware.ScopeMiddleware installed?")
    return found
