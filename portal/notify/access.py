"""Check access again before a notice is mailed, because a person may have lost access since the event."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from assessments.models import Finding
from portal.notify.models import Notice
from tenants.models import Tenant
from tenants.roles import Capability, Role, capabilities, roles_with
from tenants.selectors import members, people_with_role

LOST_ACCESS = "Not mailed: the person no longer has access to this customer."
LOST_FINDING = "Not mailed: the person no longer owns the finding."
INACTIVE = "Not mailed: the account is deactivated."

_VIEWING_ROLES: Final = roles_with(Capability.VIEW)


def people_with_access(tenant: Tenant, people: Collection[UUID]) -> set[UUID]:
    """Return the ids of the people in `people` who may view the tenant. Needs the tenant's scope."""
    return set(people_with_role(tenant, _VIEWING_ROLES).filter(pk__in=people).values_list("pk", flat=True))


def blocked_notices(notices: Sequence[Notice], tenant: Tenant) -> dict[UUID, str]:
    """Return the reasons why notices must not be mailed, by the notice's id. All notices belong to one person.

    Notices that may be mailed are left out. Needs the tenant's scope.
    """
    if not notices:
        return {}
    person = notices[0].person
    if not person.is_active:
        return {notice.pk: INACTIVE for notice in notices}
    # Auditors with a review period may read only records of this period. Notices are about the present, so these
    # auditors get none.
    held = members(tenant).filter(person=person, review_first__isnull=True)
    roles = held.order_by().values_list("role", flat=True)
    allowed = capabilities(Role(role) for role in roles)
    if Capability.VIEW not in allowed:
        return {notice.pk: LOST_ACCESS for notice in notices}
    if Capability.VIEW_ALL in allowed:
        return {}
    # Without VIEW_ALL, people may see only the findings that they own. So check the owner of each finding, even if the
    # notice is not for owners. For example, a person who attested a manual control may no longer own its finding.
    finding_ids = {notice.pk: notice.finding_id for notice in notices if notice.finding_id}
    # Look up the owner by the name of the relation, because notify may not import the model of treatments.
    owned = set(
        Finding.objects.filter(pk__in=finding_ids.values(), treatment__owner=person).values_list(
            "pk", flat=True
        )
    )
    return {pk: LOST_FINDING for pk, finding in finding_ids.items() if finding not in owned}
