"""Whether a person may still be told: who lost access after something happened is sent nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from assessments.models import Finding
from portal.notify.models import Notice
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role, capabilities
from tenants.selectors import members, people_with_role

LOST_ACCESS = "Not mailed: no access to this tenant any more."
LOST_FINDING = "Not mailed: the finding belongs to somebody else by now."
INACTIVE = "Not mailed: the account is switched off."


_VIEWING_ROLES: Final = tuple(role for role in Role if Capability.VIEW in CAPABILITIES[role])


def people_with_access(tenant: Tenant, people: Collection[UUID]) -> set[UUID]:
    """Those of the people (ids) who may hear of what happens in the tenant. In the tenant's scope."""
    return set(people_with_role(tenant, _VIEWING_ROLES).filter(pk__in=people).values_list("pk", flat=True))


def blocked_notices(notices: Sequence[Notice], tenant: Tenant) -> dict[UUID, str]:
    """Of one person's notices those that must not be mailed, with the reason. In the tenant's scope."""
    if not notices:
        return {}
    person = notices[0].person
    if not person.is_active:
        return {notice.pk: INACTIVE for notice in notices}
    held = members(tenant).filter(person=person).order_by().values_list("role", flat=True)
    allowed = capabilities(Role(role) for role in held)
    if Capability.VIEW not in allowed:
        return {notice.pk: LOST_ACCESS for notice in notices}
    if Capability.VIEW_ALL in allowed:
        return {}
    # Whatever its kind: who gave an answer may not see any more what it is about.
    bound = {notice.pk: notice.finding_id for notice in notices if notice.finding_id}
    # By name: treatments are above notifications.
    owned = set(
        Finding.objects.filter(pk__in=bound.values(), treatment__owner=person).values_list("pk", flat=True)
    )
    return {pk: LOST_FINDING for pk, finding in bound.items() if finding not in owned}
