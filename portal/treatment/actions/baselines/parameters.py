"""Set the parameters of a control in a baseline, or remove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from assessments.controls.registry import UnknownControl, control
from portal.treatment.actions.baselines.change import changed_baseline
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import parameters_part
from portal.treatment.selectors.baselines import complete
from tenants.errors import invalid
from tenants.models import Person, Tenant
from tenants.values.stale_values import Part, check_unchanged


@transaction.atomic
def set_baseline_parameters(
    *,
    baseline: Baseline,
    by: Person,
    tenants: Sequence[Tenant],
    slug: str,
    values: Mapping[str, Any] | None,
    expected: Part | None = None,
) -> Baseline:
    """Set the parameters of one control in a baseline. If `values` is None, remove the parameters."""
    with changed_baseline(baseline, by, tenants) as baseline:
        present = parameters_part(baseline, slug)
        if values is None:
            baseline.parameters.pop(slug, None)
        else:
            try:
                control(slug).chosen(values)
            except (UnknownControl, ValueError) as error:
                raise invalid("values", str(error).strip("'\"")) from None
            baseline.parameters[slug] = complete(slug, values)
        check_unchanged(expected, present, parameters_part(baseline, slug))
    return baseline
