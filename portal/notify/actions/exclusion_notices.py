"""Include subscriptions whose exclusion has ended, and notify the people who administer the customer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from portal import links
from portal.notify.publish import Event, publish
from tenants.actions.subscriptions import include_after_exclusion
from tenants.actors import System
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.scope import tenant_scope
from tenants.selectors import people_with_role

EXCLUSIONS: Final = System("exclusions")
_ROLES: Final = tuple(role for role in Role if Capability.ADMINISTER in CAPABILITIES[role])


def end_exclusions(*, tenant_id: UUID) -> int:
    """Include the subscriptions whose exclusion has ended, and publish the notices in the same transaction.

    Return the number of subscriptions.
    """
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        included = include_after_exclusion(by=EXCLUSIONS, tenant=tenant)
        people = list(people_with_role(tenant, _ROLES)) if included else []
        for row, until, reason in included:
            publish(
                tenant=tenant,
                event=Event(
                    kind="exclusion_ended",
                    key=f"exclusion:{row.pk}:{until.isoformat()}",
                    title=f"The subscription “{row}” is assessed again",
                    lines=(
                        f"Its exclusion ended on {until:%Y-%m-%d %H:%M} UTC.",
                        *((f"Reason of the exclusion: {reason}",) if reason else ()),
                        "The next assessment covers it. To exclude it longer, choose a new end.",
                    ),
                    path=links.subscriptions(tenant.slug),
                    data={"subscription_id": row.subscription_id, "excluded_until": until.isoformat()},
                ),
                subscribers=people,
            )
        return len(included)
