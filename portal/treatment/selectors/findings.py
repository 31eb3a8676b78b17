"""The findings and exceptions that a person can see."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from assessments.models import Finding
from portal.treatment.models import ExceptionItem, FindingException
from tenants import scope
from tenants.models import Person, Tenant
from tenants.roles import Capability, roles_with
from tenants.selectors import people_with_role

_VIEWING_ALL_ROLES: Final = roles_with(Capability.VIEW_ALL)


def visible_findings(tenant: Tenant) -> QuerySet[Finding]:
    """Return the findings of the tenant that the person of the current scope (`tenants.scope`) can see: all findings,
    or only those that the person owns.
    """
    rows = Finding.objects.filter(tenant=tenant)
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(treatment__owner=current.person.pk)


def visible_exceptions(tenant: Tenant) -> QuerySet[FindingException]:
    """Return the exceptions of the tenant that the person of the current scope (`tenants.scope`) can see: all, only
    those that `exceptions_of` selects, or none.
    """
    rows = FindingException.objects.filter(tenant=tenant)
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(exceptions_of(current.person.pk))


def exceptions_of(person_id: UUID) -> Q:
    """Return a query condition: the person requested the exception or owns a finding in its scope."""
    items = ExceptionItem.objects.filter(finding__treatment__owner=person_id)
    return Q(requested_by=person_id) | Q(pk__in=items.values("exception"))


def people_who_see_exception(exception: FindingException, people: Collection[Person]) -> list[Person]:
    """Return the people among `people` who can see the exception: everyone who may view all findings of the tenant, the
    requester, and the present owners of the exception's findings.
    """
    ids = [person.pk for person in people]
    seeing = {exception.requested_by_id}
    seeing.update(
        people_with_role(exception.tenant, _VIEWING_ALL_ROLES).filter(pk__in=ids).values_list("pk", flat=True)
    )
    covered = ExceptionItem.objects.filter(exception=exception, finding__treatment__owner__in=ids)
    seeing.update(covered.values_list("finding__treatment__owner", flat=True))
    return [person for person in people if person.pk in seeing]
