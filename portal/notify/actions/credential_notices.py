"""If the credential of a service principal expires soon or was refused, notify the administrators of the customer.

The keys of published notices are stored with the service principal, so that no notice is published twice, even after
old notices are deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from assessments.estate.quantities import in_days
from portal import links
from portal.notify.publish import Event, publish
from tenants.models import Person, ServicePrincipal, StoredCredential, Tenant
from tenants.roles import Capability, roles_with
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

DAYS: Final = (1, 7, 14, 30)
"""People get a notice when one of these numbers of days is left until a credential expires."""
_ADMINISTRATORS: Final = roles_with(Capability.ADMINISTER)


def are_due(tenant: Tenant, now: datetime | None = None) -> bool:
    """Return whether a notice about a credential of the tenant must be published. Needs the tenant's scope."""
    moment = now or timezone.now()
    return any(set(due_keys(row, moment)) - set(row.noticed) for row in _candidates(tenant, moment))


def publish_credential_notices(*, tenant_id: UUID, now: datetime | None = None) -> int:
    """Publish the due notices of a tenant; return the number of new notices and posts."""
    moment = now or timezone.now()
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        subscribers = list(people_with_role(tenant, _ADMINISTRATORS))
        return sum(
            _publish(tenant, row, subscribers, moment) for row in _candidates(tenant, moment, locked=True)
        )


def _candidates(tenant: Tenant, now: datetime, *, locked: bool = False) -> list[ServicePrincipal]:
    rows = ServicePrincipal.objects.filter(may_be_due(now), tenant=tenant).defer("credential")
    return list(rows.select_for_update() if locked else rows)


def may_be_due(now: datetime) -> Q:
    """Return the condition that selects enabled principals whose credential expires within 30 days or was refused."""
    ends_soon = Q(expires_at__lte=now + timedelta(days=max(DAYS)))
    return (ends_soon | Q(refused_since__isnull=False)) & Q(disabled_at=None)


def days_left(expires_at: datetime, now: datetime) -> str:
    """Return the number of days until a credential expires, rounded up, as text such as “7 days”."""
    return in_days(max(1, -((now - expires_at) // timedelta(days=1))))


def due_keys(principal: StoredCredential, now: datetime) -> Iterator[str]:
    """Yield the keys of the notices that are due for the service principal: at most one for expiry and one for a
    refusal.
    """
    if principal.expires_at is not None and principal.expires_at > now:
        left = principal.expires_at - now
        reached = [days for days in DAYS if left <= timedelta(days=days)]
        if reached:
            yield f"ending:{principal.pk}:{principal.expires_at.isoformat()}:{reached[0]}"
    if principal.refused_since is not None:
        yield f"refused:{principal.pk}:{principal.refused_since.isoformat()}"


def _publish(tenant: Tenant, principal: ServicePrincipal, people: list[Person], now: datetime) -> int:
    new = 0
    keys = list(due_keys(principal, now))
    for key in keys:
        if key not in principal.noticed:
            new += publish(tenant=tenant, event=_event(tenant, principal, key, now), subscribers=people)
    if keys != principal.noticed:
        principal.noticed = keys
        principal.save(update_fields=["noticed"])
    return new


def _event(tenant: Tenant, principal: ServicePrincipal, key: str, now: datetime) -> Event:
    path = links.service_principal(tenant.slug, principal.pk)
    data = {"client_id": principal.client_id, "name": str(principal)}
    if key.startswith("refused:"):
        return Event(
            kind="credential_refused",
            key=key,
            title=f"Entra refused the credential of “{principal}”",
            lines=(
                principal.last_error,
                "Until you replace the credential, assessments cannot read anything with this service principal.",
                "If no other service principal can sign in, the schedule of assessments pauses.",
            ),
            path=path,
            data={**data, "error_code": principal.last_error_code},
        )
    assert principal.expires_at is not None
    return Event(
        kind="credential_ending",
        key=key,
        title=f"The credential of “{principal}” expires in {days_left(principal.expires_at, now)}",
        lines=(
            (
                f"The credential ends on {principal.expires_at:%Y-%m-%d %H:%M} UTC. Create a new credential in Entra,"
                " and enter it on the page of the service principal."
            ),
        ),
        path=path,
        data={**data, "expires_at": principal.expires_at.isoformat()},
    )
