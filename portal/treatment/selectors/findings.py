"""Which findings a person sees, and with what treatment."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import ExceptionItem, FindingException
from tenants import scope
from tenants.models import Tenant
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
    return rows.filter(treatment__owner=held.person.pk)


def visible_exceptions(tenant: Tenant) -> QuerySet[FindingException]:
    """All exceptions of the tenant, or, for an owner, those they asked for and those on what they own."""
    rows = FindingException.objects.filter(tenant=tenant)
    held = scope.current()
    if held.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if held.person is None or not held.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(exceptions_of(held.person.pk))


def exceptions_of(person_id: UUID) -> Q:
    """Match the exceptions that the person requested and those that cover findings they own."""
    items = ExceptionItem.objects.filter(finding__treatment__owner=person_id)
    return Q(requested_by=person_id) | Q(pk__in=items.values("exception"))
