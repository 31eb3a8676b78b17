"""Switch a control off for a customer, and notify the customer's administrators and approvers."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from assessments.actions.profiles import switch_off
from assessments.models import SwitchedOffControl
from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.naming import control_title
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.selectors import people_with_role

KIND: Final = "control_switched_off"
_DECIDING_ROLES: Final = tuple(
    role for role in Role if {Capability.ADMINISTER, Capability.APPROVE} & set(CAPABILITIES[role])
)


@transaction.atomic
def switch_control_off(*, tenant: Tenant, by: Actor, slug: str, reason: str) -> SwitchedOffControl:
    """Switch a control off with `switch_off`, and notify the customer's administrators and approvers.

    These people are notified because the control's findings no longer count, although nobody had to approve the switch.
    """
    row = switch_off(tenant=tenant, by=by, slug=slug, reason=reason)
    publish(
        tenant=tenant,
        event=Event(
            kind=KIND,
            key=f"switched_off:{row.pk}",
            title=f"The control “{control_title(slug)}” was switched off",
            lines=(f"Reason: {row.reason}", "The next assessment does not judge the control."),
            path=links.profile(tenant.slug),
            data={"control": slug},
        ),
        subscribers=people_with_role(tenant, _DECIDING_ROLES),
        by=by,
    )
    return row
