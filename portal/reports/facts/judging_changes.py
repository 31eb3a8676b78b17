"""Compare the rules of two assessments: parameters, switched-off controls and catalogue of controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.context_severity import SEVERITY_RULES
from assessments.controls.declare import OWN_CONTROL, SWITCHED_OFF
from assessments.controls.registry import known_controls
from assessments.models import Assessment
from assessments.presentation.not_judged import recorded_overrides
from portal.treatment.naming import control_title


@dataclass(frozen=True, slots=True)
class JudgedControl:
    """A control that was judged with other parameters than before, or only in the later assessment.

    `before` and `after` have the parameters that differ, as {parameter: value}. If the earlier assessment did not judge
    the control, `before` is None, and `after` has all parameters. The version of an own control counts as a parameter
    with the name `version`.
    """

    control: str
    title: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JudgingChanges:
    """The differences between the rules of the two assessments that a report compares.

    Verdicts can differ because of these differences, even if nothing changed in Azure. If `catalogue_changed` is set,
    the two assessments used different catalogues. `assessment_before` is the number of the earlier assessment, and
    `version_before` the version of Surety that made that assessment.
    """

    assessment_before: int
    catalogue_changed: bool
    version_before: str
    controls: tuple[JudgedControl, ...]


def judging_changes(before: Assessment, after: Assessment) -> JudgingChanges:
    """Return the differences between the rules of two assessments. Leave out the controls that only the earlier
    assessment judged: the report lists their verdicts as no longer judged.
    """
    old, new = recorded_overrides(before), recorded_overrides(after)
    found = (_judged(slug, old.get(slug, {}), new.get(slug, {})) for slug in sorted({*old, *new}))
    return JudgingChanges(
        assessment_before=before.number,
        catalogue_changed=before.catalogue_hash != after.catalogue_hash,
        version_before=before.product_version,
        controls=tuple(one for one in found if one is not None),
    )


def _judged(slug: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> JudgedControl | None:
    if slug == SEVERITY_RULES or slug not in known_controls() or SWITCHED_OFF in new:
        return None
    was_off = SWITCHED_OFF in old or (OWN_CONTROL in new and OWN_CONTROL not in old)
    if OWN_CONTROL in old and OWN_CONTROL not in new:
        return None
    before, after = _values(slug, old), _values(slug, new)
    if was_off:
        return JudgedControl(slug, control_title(slug), None, after)
    changed = [name for name in after if before.get(name) != after[name]]
    if not changed:
        return None
    return JudgedControl(
        slug,
        control_title(slug),
        {name: before.get(name) for name in changed},
        {name: after[name] for name in changed},
    )


def _values(slug: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return {name: value} of the parameters with which an assessment judged a control. `overrides` are the values that
    the assessment recorded. For an own control, the version is included as one more parameter.
    """
    found = {}
    for parameter in known_controls()[slug].parameters:
        value = overrides.get(parameter.name, parameter.default)
        found[parameter.name] = list(value) if isinstance(value, tuple) else value
    if OWN_CONTROL in overrides:
        found["version"] = overrides[OWN_CONTROL]["version"]
    return found
