"""The controls to which a customer was not held when its present verdicts were written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.controls.declare import SWITCHED_OFF
from assessments.controls.registry import known_controls
from assessments.models import Assessment
from assessments.selectors import current_units


def recorded_overrides(assessment: Assessment) -> Mapping[str, Mapping[str, Any]]:
    """Return the overrides of controls, {control: {name: value}}, with which the verdicts up to this assessment were
    written.

    An assessment of some units leaves the verdicts of earlier assessments on the others as they are. A control that an
    earlier assessment did not judge has the name SWITCHED_OFF here, too, as long as verdicts of that assessment stand.
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
