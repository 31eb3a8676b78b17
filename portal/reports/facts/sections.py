"""Controls and sections of the catalogue with the verdicts of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assessments.controls.declare import OWN_CONTROL, SWITCHED_OFF, Control
from assessments.controls.registry import SECTIONS
from assessments.models import Unit
from assessments.own.control import controls_under
from portal.reports.facts.finding_store import columns_of, of_outcome, outcomes_of
from portal.reports.facts.presentation import OUTCOMES
from portal.reports.facts.shared import FindingFact, UnitFact
from portal.reports.facts.source import section_of


@dataclass(frozen=True, slots=True)
class ControlFact:
    """A control with its verdicts. The most serious verdicts come first.

    `not_evaluated` says why the control has no verdicts. It is empty if the control has verdicts. `references_partly`
    is {framework: {requirement: what the control does not check}}.
    """

    slug: str
    title: str
    section: str
    severity: str
    judged: str
    why: str
    expected: str
    automated: bool
    references: Mapping[str, list[str]]
    parameters: Mapping[str, Any]
    counts: Mapping[str, int]
    not_evaluated: str
    findings: Sequence[FindingFact]
    references_partly: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The worst outcome of the control's findings, or not_evaluated if there are none. Unknown is worse
        than pass.
        """
        return next((outcome for outcome in OUTCOMES if self.counts.get(outcome)), "not_evaluated")

    def of_outcome(self, *outcomes: str) -> Sequence[FindingFact]:
        """Return the findings with these outcomes. The other findings are not read from the temporary file."""
        return of_outcome(self.findings, *outcomes)


@dataclass(frozen=True, slots=True)
class SectionFact:
    """A section of the catalogue with its controls.

    Scores and coverage are percentages, None if undefined.
    """

    key: str
    name: str
    score: float | None
    adjusted: float | None
    coverage: float | None
    counts: Mapping[str, int]
    controls: tuple[ControlFact, ...]


def section_facts(
    findings: Mapping[str, Sequence[FindingFact]],
    units: Sequence[UnitFact],
    summaries: Mapping[str, Any],
    overrides: Mapping[str, Any],
    own_versions: Mapping[str, Sequence[int]],
) -> list[SectionFact]:
    """Return the sections in the catalogue's order, with every control of the catalogue.

    `findings` is {control: its findings in the order of the report}. `overrides` is {control: {parameter: value}} of
    the assessment. `own_versions` is the result of `own_versions_of`. Controls that are no longer in the catalogue but
    have findings come last in their section.
    """
    by_control = dict(findings)
    controls: dict[str, list[ControlFact]] = {key: [] for key in SECTIONS}
    for control in controls_under(overrides):
        rows = by_control.pop(control.slug, ())
        fact = control_fact(control, rows, units, overrides.get(control.slug, {}))
        if versions := own_versions.get(control.slug):
            fact = replace(fact, title=_own_title(control, versions))
        controls[control.section].append(fact)
    for slug, rows in sorted(by_control.items()):
        controls.setdefault(section_of(slug), []).append(_retired_control_fact(slug, rows))
    return [_section_fact(key, rows, summaries) for key, rows in controls.items() if rows]


def _section_fact(key: str, controls: list[ControlFact], summaries: Mapping[str, Any]) -> SectionFact:
    empty: dict[str, Any] = {"score": None, "coverage": None, "counts": {}}
    raw = summaries["raw"]["sections"].get(key, empty)
    return SectionFact(
        key=key,
        name=SECTIONS.get(key, key.title()),
        score=raw["score"],
        adjusted=summaries["adjusted"]["sections"].get(key, empty)["score"],
        coverage=raw["coverage"],
        counts=raw["counts"],
        controls=tuple(controls),
    )


def control_fact(
    control: Control, findings: Sequence[FindingFact], units: Sequence[UnitFact], overrides: Mapping[str, Any]
) -> ControlFact:
    """Return the facts of a control. `overrides` is {parameter: value} with which the control was evaluated."""
    parameters = {p.name: overrides.get(p.name, p.default) for p in control.parameters}
    return ControlFact(
        slug=control.slug,
        title=control.title,
        section=control.section,
        severity=str(control.severity),
        judged=control.judged,
        why=control.why,
        expected=control.expected_with(parameters),
        automated=not control.is_manual,
        references=control.references.by_framework(),
        parameters=parameters,
        counts=dict(outcomes_of(findings)),
        not_evaluated="" if findings else _why_not_evaluated(str(control.unit), units),
        findings=findings,
        references_partly=_partly(control, parameters),
    )


def own_versions_of(
    findings: Mapping[str, Sequence[FindingFact]], units: Sequence[Unit], overrides: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Return {own control: the versions of the control with which its verdicts were reached}.

    Verdicts can come from several assessments, each of which recorded the version that it used. Assessments in which
    the control was switched off do not count. If no assessment remains, use the version in the report's assessment.
    """
    found: dict[str, list[int]] = {}
    for slug in [slug for slug, values in overrides.items() if OWN_CONTROL in values]:
        judged = {unit for unit, _ in columns_of(findings.get(slug, ()), "unit", "outcome")}
        rows = [unit.assessment.parameters.get(slug, {}) for unit in units if unit.scope_id in judged]
        versions = {
            row[OWN_CONTROL]["version"] for row in rows if OWN_CONTROL in row and SWITCHED_OFF not in row
        }
        found[slug] = sorted(versions or {overrides[slug][OWN_CONTROL]["version"]})
    return found


def _own_title(control: Control, versions: Sequence[int]) -> str:
    """Return the title of an organization's own control. The title ends with the versions of the control with which its
    verdicts were reached.
    """
    *first, last = map(str, versions)
    words = f"versions {', '.join(first)} and {last}" if first else f"version {last}"
    return f"{control.title} (own control, {words})"


def _partly(control: Control, parameters: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for reference in control.framework_references(parameters):
        if reference.missing:
            found[reference.name][reference.label] = "; ".join(reference.missing)
    return dict(found)


def _retired_control_fact(slug: str, findings: Sequence[FindingFact]) -> ControlFact:
    return ControlFact(
        slug=slug,
        title=f"{slug} (no longer in the catalogue)",
        section=section_of(slug),
        severity=findings[0].severity,
        judged="",
        why="",
        expected=findings[0].expected,
        automated=True,
        references={},
        parameters={},
        counts=dict(outcomes_of(findings)),
        not_evaluated="",
        findings=findings,
    )


def _why_not_evaluated(kind: str, units: Sequence[UnitFact]) -> str:
    count = sum(unit.kind == kind for unit in units)
    if not count:
        return f"No {kind} was assessed"
    plural = {"directory": "directories", "subscription": "subscriptions"}[kind]
    return f"No verdict for any of the {count} {plural}" if count > 1 else f"No verdict for the {kind}"
