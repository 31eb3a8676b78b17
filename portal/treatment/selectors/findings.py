"""Which findings a person sees, and with what treatment."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import FindingException
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability


def visible_findings(tenant: Tenant) -> QuerySet[Finding]:
    """All findings of the tenant, or, for somebody whose role is to own findings, those they own.

    Answers for the person in scope.
    """
    rows = Finding.objects.filter(tenant=tenant)
    held = scope.current()
    if held.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if held.person is None or not held.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(treatment__owner=held.person)


def visible_exceptions(tenant: Tenant) -> QuerySet[FindingException]:
    """All exceptions of the tenant, or, for an owner, those they asked for and those on what they own."""
    rows = FindingException.objects.filter(tenant=tenant)
    held = scope.current()
    if held.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if held.person is None or not held.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(exceptions_of(held.person))


def exceptions_of(person: Person) -> Q:
    """The exceptions that somebody asked for, and those on what they own."""
    owned = Finding.objects.filter(treatment__owner=person)
    return Q(requested_by=person) | Q(
        pk__in=FindingException.objects.filter(items__finding__in=owned).values("pk")
    )
