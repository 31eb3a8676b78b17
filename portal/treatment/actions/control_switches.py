"""Change which controls are judged for a customer: switch a control off, or choose another profile.

Findings of a control that is no longer judged stop counting, and nobody has to approve this. So the customer's
administrators and approvers are notified.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils import timezone

from assessments.actions.profiles import profile_part, set_profile, switch_off
from assessments.controls.profiles import outside, profile_name
from assessments.models import Assessment, SwitchedOffControl
from portal import links
from portal.notify.publish import Event, publish
from portal.treatment.naming import control_title
from tenants.actions.organizations import lock_settings
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.roles import CAPABILITIES, Capability, Role
from tenants.selectors import people_with_role
from tenants.values.stale_values import Part

KIND: Final = "control_switched_off"
_DECIDING_ROLES: Final = tuple(
    role for role in Role if {Capability.ADMINISTER, Capability.APPROVE} & set(CAPABILITIES[role])
)
_NAMED: Final = 10
"""The maximum number of controls that the notice about a profile names. The notice states how many others there are."""


@transaction.atomic
def switch_control_off(*, tenant: Tenant, by: Actor, slug: str, reason: str) -> SwitchedOffControl:
    """Switch a control off with `switch_off`, and notify the customer's administrators and approvers."""
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


@transaction.atomic
def change_profile(
    *,
    tenant: Tenant,
    by: Actor,
    profile: str,
    controls: Collection[str] = (),
    expected: Part | None = None,
) -> None:
    """Set the profile with `set_profile`, and notify the customer's administrators and approvers.

    The notice names controls that the previous profile contained and the new profile does not. Nobody is notified
    before the first assessment of the customer, because no findings exist then.
    """
    lock_settings([tenant])
    before = set(_outside(tenant))
    set_profile(tenant=tenant, by=by, profile=profile, controls=controls, expected=expected)
    left = [slug for slug in _outside(tenant) if slug not in before]
    # Leave out controls that are switched off. A notice was already sent when they were switched off.
    switched_off = SwitchedOffControl.objects.filter(tenant=tenant, control__in=left)
    known = set(switched_off.values_list("control", flat=True))
    left = [slug for slug in left if slug not in known]
    if not left or not Assessment.objects.filter(tenant=tenant).exists():
        return
    name = profile_name(profile_part(tenant)["profile"])
    titles = [f"“{control_title(slug)}”" for slug in left[:_NAMED]]
    others = len(left) - len(titles)
    publish(
        tenant=tenant,
        event=Event(
            kind=KIND,
            key=f"profile:{tenant.pk}:{timezone.now().isoformat()}",
            title=f"The new profile of controls lacks the control {titles[0]}"
            if len(left) == 1
            else f"The new profile of controls lacks {len(left)} controls of the previous one",
            lines=(
                f"Profile: {name}",
                "The next assessment does not judge these controls:"
                if len(left) > 1
                else "The next assessment does not judge this control:",
                *titles,
                *([f"and {others} more"] if others else []),
            ),
            path=links.profile(tenant.slug),
            data={"profile": profile, "controls": left},
        ),
        subscribers=people_with_role(tenant, _DECIDING_ROLES),
        by=by,
    )


def _outside(tenant: Tenant) -> list[str]:
    part = profile_part(tenant)
    return outside(part["profile"], part["controls"])
