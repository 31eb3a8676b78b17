"""The part “Scope”, which lists assessed subscriptions and directories, subscriptions that were not assessed, and
frameworks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from assessments.controls.declare import SWITCHED_OFF
from assessments.controls.profiles import says_off
from assessments.controls.registry import OWN_PREFIX, catalogue, known_controls
from assessments.frameworks.framework import NAMES
from assessments.models import Assessment, Unit
from assessments.own.control import controls_under
from assessments.presentation.extent import extent_label
from assessments.presentation.not_judged import recorded_overrides
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from portal.reports.facts.shared import FindingFact, UnitFact
from portal.reports.facts.source import ReportSource
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts, in_schema
from tenants.actors import title_of
from tenants.models import Person, Subscription


@dataclass(frozen=True, slots=True)
class Excluded:
    """A subscription that was not assessed, or an assessed subscription with a remark.

    The remark is about the Azure state of the subscription.
    """

    name: str
    azure_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OffControl:
    """A control that was not judged, because it is switched off for the customer.

    `reason` says why, `by` is the person or operator who switched the control off, and `at` is the time.
    """

    control: str
    title: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """The facts of the part.

    - `frameworks`: (framework, number of controls that refer to it)
    - `customer_archived_at`: None if the customer is not archived
    - `profile`: the profile of controls, empty for all controls; `outside_profile`: number of controls outside of it
    - `switched_off`: the controls that somebody switched off
    - `judged_controls`: number of controls with a verdict
    - `judged_in_part`: how many of the judged controls were switched off for some subscriptions or directories
    - `without_verdict`: number of controls that applied but have no verdict, for example because no directory was
      assessed
    - `extent`: what the report's assessment read; empty if the assessment was neither cancelled nor limited

    `profile`, `outside_profile` and `switched_off` come from the assessments whose verdicts the report shows. For some
    subscriptions, these assessments are earlier than the report's assessment.
    """

    units: tuple[UnitFact, ...]
    excluded: tuple[Excluded, ...] = field(
        metadata=in_schema("The subscriptions that were not assessed, with the reason")
    )
    frameworks: tuple[tuple[str, int], ...] = field(
        metadata=in_schema("For each framework, the number of controls that refer to it")
    )
    subscription_remarks: tuple[Excluded, ...] = ()
    customer_archived_at: datetime | None = field(
        default=None,
        metadata=in_schema("The time when the customer was archived; null if the customer is not archived"),
    )
    profile: str = ""
    outside_profile: int = 0
    switched_off: tuple[OffControl, ...] = ()
    extent: str = ""
    judged_controls: int = 0
    judged_in_part: int = 0
    without_verdict: int = 0

    @property
    def not_judged(self) -> int:
        """The number of controls that did not apply to the customer: outside of the profile, or switched off."""
        return self.outside_profile + len(self.switched_off)

    @property
    def nothing_read(self) -> bool:
        """Whether no subscription or directory could be read, so that the report has no result."""
        return all(unit.reached == "not at all" for unit in self.units)


def _gather(source: ReportSource) -> ScopeFacts:
    rows = list(listed_subscriptions(source.tenant))
    return ScopeFacts(
        units=tuple(source.unit_facts),
        excluded=tuple(_excluded_subscriptions(rows, source.units)),
        frameworks=_frameworks(),
        subscription_remarks=tuple(_remarks(rows, source.units)),
        customer_archived_at=source.tenant.archived_at,
        extent=_extent(source.assessment),
        **_not_judged(source),
    )


def _extent(assessment: Assessment) -> str:
    is_cut_short = assessment.state == Assessment.State.CANCELLED or assessment.only
    return extent_label(assessment) if is_cut_short else ""


def _not_judged(source: ReportSource) -> dict[str, Any]:
    """Return the fields of `ScopeFacts` that say which controls were judged, were switched off, or were outside of the
    profile, and how many have no verdict.

    The report can show verdicts from several assessments: the last assessment of the whole customer, and later
    assessments of single subscriptions. The settings of these assessments can differ. A control counts as judged if at
    least one of these assessments judged it.
    """
    recorded = {
        slug: values[SWITCHED_OFF]
        for slug, values in recorded_overrides(source.assessment).items()
        if SWITCHED_OFF in values and slug in known_controls()
    }
    by_control = source.treatment.by_control
    in_part = {slug for slug in recorded if not all(map(_is_off, by_control.get(slug, ())))}
    stored = {slug: one for slug, one in recorded.items() if slug not in in_part}
    all_controls = {control.slug for control in controls_under(source.assessment.parameters)} | set(
        by_control
    )
    judged = set(by_control) - set(stored)
    off = {slug: one for slug, one in stored.items() if "profile" not in one}
    outside = [one["profile"] for one in stored.values() if "profile" in one]
    people = Person.objects.in_bulk([one["by"] for one in off.values() if one["by"]])
    names = {str(pk): source.label(person) for pk, person in people.items()}
    return {
        "profile": outside[0] if outside else "",
        "outside_profile": len(outside),
        "judged_controls": len(judged),
        "judged_in_part": len(in_part),
        "without_verdict": len(all_controls - judged - set(stored)),
        "switched_off": tuple(
            OffControl(
                slug,
                known_controls()[slug].title,
                one["reason"],
                names.get(one["by"]) or title_of(one.get("system", "")) or gettext_noop("Unknown"),
                one["at"],
            )
            for slug, one in sorted(off.items())
        ),
    }


def _is_off(finding: FindingFact) -> bool:
    return says_off(finding.outcome, finding.observed)


def _excluded_subscriptions(rows: list[Subscription], units: list[Unit]) -> Iterator[Excluded]:
    assessed = {unit.azure_id for unit in units}
    for row in rows:
        if row.subscription_id not in assessed:
            reason = why_not_assessed(row) or f"Not assessed in this assessment (state in Azure: {row.state})"
            yield Excluded(str(row), row.subscription_id, reason)


def _remarks(rows: list[Subscription], units: list[Unit]) -> Iterator[Excluded]:
    assessed = {unit.azure_id for unit in units}
    for row in rows:
        if row.subscription_id in assessed and (remark := state_remark(row)):
            yield Excluded(str(row), row.subscription_id, remark)


def _frameworks() -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for control in catalogue().values():
        counted.update(control.references.by_framework().keys())
    return tuple((name, counted[name]) for name in NAMES.values() if counted[name])


def judged_own_controls(facts: ReportFacts) -> int:
    """Return the number of own controls of the organization that were judged. Own controls are not part of the
    catalogue.
    """
    off = {row.control for row in facts.of(PART).switched_off}
    rows = (row for row in facts.of(results.PART).controls if row.slug.startswith(OWN_PREFIX))
    return sum(bool(row.counts) and row.slug not in off for row in rows)


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    controls = catalogue().values()
    manual = sum(control.is_manual for control in controls)
    return {
        "controls_total": len(controls),
        "automated": len(controls) - manual,
        "manual": manual,
        "own_controls": judged_own_controls(facts),
    }


PART = Part(
    "scope",
    gettext_noop("Scope"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "framework", "changes"),
    position=120,
)
