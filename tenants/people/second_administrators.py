"""The administrators who may confirm a change that another administrator requested.

An administrator could invite a second account of their own, and use that account to confirm their own request. So an
administrator whom a person appointed may confirm only after `ESTABLISHED_AFTER`. During this time, others can notice
the new administrator. Administrators appointed by Surety or its operator may confirm at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from tenants.errors import PermissionDenied
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Capability, roles_with

ESTABLISHED_AFTER: Final = timedelta(days=7)
DECIDING_ROLES: Final = roles_with(Capability.MEMBERS)


def established(at: datetime | None = None) -> Q:
    """Return the condition that selects memberships of administrators who may confirm requests of other
    administrators.
    """
    at = at or timezone.now()
    long_held = Q(valid_from__lte=at - ESTABLISHED_AFTER, created_at__lte=at - ESTABLISHED_AFTER)
    return Membership.valid_at(at) & Q(role__in=DECIDING_ROLES) & (Q(granted_by=None) | long_held)


def refuse_new_administrator(by: Person, organization: Organization, tenant: Tenant | None = None) -> None:
    """Raise PermissionDenied if `by` may not yet confirm requests of others in the tenant or organization.

    If `tenant` is None, it is enough that `by` is an established administrator of the organization or of one of its
    customers. Call this function in the scope of `by`.
    """
    rows = Membership.objects.filter(established(), person=by, organization=organization)
    if tenant is not None:
        rows = rows.filter(Q(tenant=None) | Q(tenant=tenant))
    if not rows.exists():
        raise PermissionDenied(
            f"You have had your role for less than {ESTABLISHED_AFTER.days} days, so you cannot confirm requests or"
            " drafts of other people yet. Ask an administrator who has had the role for longer, or the operator of"
            " Surety.",
            code="new_administrator",
        )
