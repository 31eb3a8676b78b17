"""The findings and exceptions that a person can see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import ExceptionItem, FindingException
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


def visible_findings(tenant: Tenant) -> QuerySet[Finding]:
    """Return the findings of the tenant that the person of the open scope can see: all findings, or only the person's
    own.
    """
    rows = Finding.objects.filter(tenant=tenant)
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(treatment__owner=current.person.pk)


def visible_exceptions(tenant: Tenant) -> QuerySet[FindingException]:
    """Return the exceptions of the tenant that the person of the open scope can see: all exceptions, or only
    the result of `exceptions_of`.
    """
    rows = FindingException.objects.filter(tenant=tenant)
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(exceptions_of(current.person.pk))


def exceptions_of(person_id: UUID) -> Q:
    """Return a query condition: the person requested the exception or owns a finding that the exception covers."""
    items = ExceptionItem.objects.filter(finding__treatment__owner=person_id)
    return Q(requested_by=person_id) | Q(pk__in=items.values("exception"))
