"""Set the profile of controls in a baseline, or remove it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from assessments.actions.profiles import checked_profile
from portal.treatment.actions.baselines.change import changed_baseline
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import profile_part
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part, check_unchanged


@transaction.atomic
def set_baseline_profile(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    profile: str,
    controls: Sequence[str] = (),
    expected: Part | None = None,
) -> Baseline:
    """Set which controls are judged for the customers of a baseline. An empty `profile` lets each customer choose.

    If `profile` is “own”, `controls` are the slugs of the chosen controls. Raise InvalidInput for an unknown profile or
    control, or if no control is chosen. Raise Conflict if the baseline's profile has changed meanwhile.
    """
    wanted = checked_profile(profile, controls) if profile else {}
    with changed_baseline(baseline, by, tenants) as baseline:
        check_unchanged(expected, profile_part(baseline), wanted)
        baseline.profile = wanted
    return baseline
