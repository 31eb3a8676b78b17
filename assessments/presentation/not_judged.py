"""Find the controls by which a customer is not judged. Also find the changes of findings that happened only because
a control is no longer judged, although nothing changed in Azure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q

from assessments.controls.declare import SWITCHED_OFF
from assessments.controls.profiles import OFF_REASONS
from assessments.controls.registry import known_controls
from assessments.models import Assessment, FindingChange
from assessments.selectors import current_units

# The kind OBSERVED is left out, because such a change keeps the outcome. For example, a customer gets another profile,
# and a control is outside of both profiles: the findings stay not applicable.
_KINDS_THAT_END: Final = (FindingChange.Kind.RESOLVED, FindingChange.Kind.GONE, FindingChange.Kind.OTHER)
NO_LONGER_JUDGED: Final = Q(kind__in=_KINDS_THAT_END, reason__in=OFF_REASONS)
"""The condition for changes (`FindingChange`) after which a finding is no longer judged: its control was switched off
or removed from the catalogue, or is outside of the customer's new profile. Such a change does not mean that something
was fixed or deleted in Azure.
"""


def is_no_longer_judged(change: FindingChange) -> bool:
    """Return whether the finding of a stored change was no longer judged after this change (`NO_LONGER_JUDGED`)."""
    return change.kind in _KINDS_THAT_END and change.reason in OFF_REASONS


def recorded_overrides(assessment: Assessment) -> Mapping[str, Mapping[str, Any]]:
    """Return {control: {name: value}}: the overrides of the assessment. If some current verdicts come from earlier
    assessments, include the controls that were switched off in those assessments.

    A limited or cancelled assessment judges only some units. The current verdicts on the other units come from earlier
    assessments, with overrides of their own. If a control was switched off in one of these assessments, the result has
    SWITCHED_OFF for this control.
    """
    found: dict[str, dict[str, Any]] = {slug: dict(values) for slug, values in assessment.parameters.items()}
    if not assessment.only and assessment.state != Assessment.State.CANCELLED:
        return found
    rows = current_units(assessment).order_by().values_list("kind", "assessment__parameters").distinct()
    for kind, parameters in rows:
        for slug, values in parameters.items():
            if SWITCHED_OFF in values and slug in known_controls() and known_controls()[slug].unit == kind:
                found.setdefault(slug, {}).setdefault(SWITCHED_OFF, values[SWITCHED_OFF])
    return found
