"""The conclusion of a change report. It says how verdicts, treatments and scores have changed since an earlier
assessment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from assessments.controls.profiles import OFF_REASONS
from assessments.controls.registry import SECTIONS, known_controls
from assessments.estate.quantities import parameter_text
from assessments.models import Assessment, FindingChange
from assessments.presentation.extent import extent_label
from assessments.selectors import assessments
from portal.reports.facts.judging_changes import JudgedControl, JudgingChanges, judging_changes
from portal.reports.facts.presentation import SEVERITIES, truncate
from portal.reports.facts.sections import SectionFact
from portal.reports.facts.shared import FindingFact
from portal.reports.facts.source import ReportSource, as_of, period_of, read_baseline
from portal.reports.parts import results
from portal.reports.parts.part import BY_SEVERITY, Part, ReportFacts, in_schema
from portal.reports.wording.languages import in_language, value_in_language
from portal.treatment.naming import control_problem, control_title
from portal.treatment.scores import is_known
from portal.treatment.states import ShownState

_FINE: Final = frozenset({"pass", "not_applicable"})
# The maximum number of rows in the PDF for controls that the two assessments judged with different parameters.
MAX_JUDGED: Final = 30


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """A finding whose verdict or state differs between the two assessments.

    `before` and `after` are its verdicts, `before_shown` and `after_shown` its states after treatment. For a new
    resource, `before` and `before_shown` are empty. For a removed resource, `after` is `gone` and `after_shown` empty.
    `reason` is the reason for the later verdict, or why the resource is gone.
    """

    finding: str = field(metadata=in_schema(format="uuid"))
    control: str
    title: str
    problem: str
    severity: str
    subject: str
    subject_name: str
    unit_name: str
    before: str
    after: str
    before_shown: str = field(
        metadata=in_schema(
            "The state in the earlier assessment. It takes exceptions and other treatments into account",
            enum=["", *ShownState.values],
        )
    )
    after_shown: str = field(
        metadata=in_schema(
            "The state in the assessment of the report. It takes exceptions and other treatments into account",
            enum=["", *ShownState.values],
        )
    )
    reason: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The earlier assessment of a change report, with its figures and every finding that has changed since then.

    Scores are percentages, None if undefined.

    - `extent`, `extent_now`: which subscriptions and directories the earlier assessment and the report's assessment
      read; empty if the assessment read all subscriptions and directories
    - `counts`: {outcome: number of verdicts}; `failing`: {severity: number of failing verdicts}
    - `section_scores`: {section: (raw score, adjusted score)}; `section_unknown`: {section: number of unknown verdicts}
    - `unchanged`: number of verdicts with the same outcome and state in both assessments
    """

    number: int
    as_of: datetime
    extent: str = field(metadata=in_schema("What the earlier assessment read, if it did not read everything"))
    extent_now: str = field(
        metadata=in_schema("What the report’s assessment read, if this assessment did not read everything")
    )
    score: float | None
    adjusted: float | None
    coverage: float | None
    counts: Mapping[str, int]
    failing: Mapping[str, int] = field(metadata=in_schema("Failing verdicts by severity", **BY_SEVERITY))
    section_scores: Mapping[str, tuple[float | None, float | None]] = field(
        metadata=in_schema("Raw and adjusted score by section")
    )
    section_unknown: Mapping[str, int] = field(metadata=in_schema("Number of unknown verdicts by section"))
    unchanged: int = field(
        metadata=in_schema("The number of verdicts whose outcome and state are the same in both assessments")
    )
    differences: tuple[ComparedFact, ...]


@dataclass(frozen=True, slots=True)
class ComparisonFacts:
    """The facts of the part. `comparison` is None in reports that compare with no earlier assessment.

    `judging_changes` compares the rules of the report's assessment with the rules of an earlier assessment. In a change
    report, the earlier assessment is the baseline. In a report over a period, `_judging_changes_in_period` chooses the
    earlier assessment. In other reports, `judging_changes` is None.
    """

    comparison: Comparison | None = field(
        metadata=in_schema("The comparison with an earlier assessment; null except in change reports")
    )
    judging_changes: JudgingChanges | None = field(
        default=None,
        metadata=in_schema(
            "How the rules for verdicts changed since the earlier assessment, in change reports and reports"
            " over a period; null in other reports, and if there is no earlier assessment to compare with"
        ),
    )


def _gather(source: ReportSource) -> ComparisonFacts:
    baseline = read_baseline(source)
    if baseline is None:
        return ComparisonFacts(None, _judging_changes_in_period(source))
    gone = _reasons_of_gone(source, baseline.assessment.number)
    differences = list(_differences(baseline.treatment.by_control, source.treatment.by_control, gone))
    raw, adjusted = baseline.summaries["raw"], baseline.summaries["adjusted"]
    return ComparisonFacts(
        Comparison(
            number=baseline.assessment.number,
            as_of=as_of(baseline.assessment),
            extent=extent_label(baseline.assessment),
            extent_now=extent_label(source.assessment),
            score=raw["score"],
            adjusted=adjusted["score"],
            coverage=raw["coverage"],
            counts=raw["counts"],
            failing=raw["failing"],
            section_scores={
                key: (row["score"], adjusted["sections"][key]["score"])
                for key, row in raw["sections"].items()
            },
            section_unknown={key: row["counts"].get("unknown", 0) for key, row in raw["sections"].items()},
            unchanged=len(source.findings) - sum(row.after != "gone" for row in differences),
            differences=tuple(sorted(differences, key=_order)),
        ),
        judging_changes(baseline.assessment, source.assessment),
    )


def _judging_changes_in_period(source: ReportSource) -> JudgingChanges | None:
    """Return how the rules for verdicts differ between the last assessment before the period and the report's
    assessment. If no assessment ended before the period, compare with the first assessment in the period.

    Return None if the report has no period, or if there is no assessment to compare with.
    """
    period = period_of(source.report)
    if period is None:
        return None
    rows = assessments(source.tenant).filter(
        number__lt=source.assessment.number, state=Assessment.State.FINISHED, details_deleted_at__isnull=True
    )
    before = rows.filter(ended_at__lt=period.start).order_by("-number").first()
    before = before or rows.filter(ended_at__gte=period.start).order_by("number").first()
    return judging_changes(before, source.assessment) if before else None


def _reasons_of_gone(source: ReportSource, baseline: int) -> dict[str, str]:
    """Return {id of a finding: the reason why it is gone}, for findings that became gone after the earlier assessment.

    If a finding became gone several times, the last reason counts.
    """
    rows = FindingChange.objects.filter(
        tenant=source.tenant,
        assessment__number__gt=baseline,
        assessment__number__lte=source.assessment.number,
        after_outcome="gone",
    )
    found = rows.order_by("assessment__number").values_list("finding_id", "reason")
    return {str(finding): reason for finding, reason in found}


def _differences(
    before: Mapping[str, Sequence[FindingFact]],
    after: Mapping[str, Sequence[FindingFact]],
    gone: Mapping[str, str],
) -> Iterator[ComparedFact]:
    """Yield the findings that differ. To save memory, read the findings of one control at a time.

    `gone` is the result of `_reasons_of_gone`.
    """
    for control in {**after, **before}:
        old = {fact.id: fact for fact in before.get(control, ())}
        new = {fact.id: fact for fact in after.get(control, ())}
        for key in {**new, **old}:
            if _differs(old.get(key), new.get(key)):
                yield _compared(old.get(key), new.get(key), gone.get(key, ""))


def _differs(before: FindingFact | None, after: FindingFact | None) -> bool:
    if before is None or after is None:
        return True
    return (before.outcome, _state(before)) != (after.outcome, _state(after))


def _state(fact: FindingFact) -> str:
    """Return the state after treatment. “Resolved” becomes “passing”, because the reconstructed findings of an earlier
    assessment never have the state “resolved” (`portal.reports.facts.treatments`).
    """
    return ShownState.PASSING if fact.shown == ShownState.RESOLVED else fact.shown


def _compared(before: FindingFact | None, after: FindingFact | None, gone: str) -> ComparedFact:
    known = after or before
    assert known is not None
    return ComparedFact(
        finding=known.id,
        control=known.control,
        title=control_title(known.control),
        problem=control_problem(known.control),
        severity=known.severity,
        subject=known.subject,
        subject_name=known.subject_name,
        unit_name=known.unit_name,
        before=before.outcome if before else "",
        after=after.outcome if after else "gone",
        before_shown=_state(before) if before else "",
        after_shown=_state(after) if after else "",
        reason=after.reason if after else gone,
        changed_at=after.changed_at if after else None,
    )


def _order(row: ComparedFact) -> tuple[int, str, str, str]:
    return SEVERITIES.index(row.severity), row.control, row.subject_name.casefold(), row.subject


def _no_longer_judged(row: ComparedFact) -> bool:
    """Return whether the verdict ended because the control was switched off or left the profile, without a change in
    Azure.
    """
    return str(row.reason) in OFF_REASONS and row.before not in ("", row.after)


def _became_failure(row: ComparedFact) -> bool:
    return row.after == "fail" and row.before not in ("fail", "unknown")


def _known_to_fail(row: ComparedFact) -> bool:
    """Return whether the verdict was unknown and is now a failure. The failure may have existed before, unnoticed."""
    return (row.before, row.after) == ("unknown", "fail")


def _fixed(row: ComparedFact) -> bool:
    return row.before == "fail" and row.after in _FINE and not _no_longer_judged(row)


def _removed(row: ComparedFact) -> bool:
    return row.before == "fail" and row.after == "gone" and not _no_longer_judged(row)


def _became_unknown(row: ComparedFact) -> bool:
    return row.after == "unknown" and row.before not in ("", "unknown")


def _unknown_from_the_start(row: ComparedFact) -> bool:
    return (row.before, row.after) == ("", "unknown")


def _added(row: ComparedFact) -> bool:
    return row.before == "" and str(row.reason) not in OFF_REASONS


def _treated(row: ComparedFact) -> bool:
    return row.before == row.after and row.before_shown != row.after_shown


# (anchor, title, condition) of each group of differences. A difference belongs to the first group whose condition it
# meets. The last group takes all remaining differences.
_GROUPS: Final[tuple[tuple[str, str, Callable[[ComparedFact], bool]], ...]] = (
    ("new", gettext_noop("New failures"), _became_failure),
    ("known_to_fail", gettext_noop("Unknown before, and failing now"), _known_to_fail),
    ("fixed", gettext_noop("Fixed failures"), _fixed),
    (
        "removed",
        gettext_noop("Failures on resources that no longer exist or are no longer assessed"),
        _removed,
    ),
    ("not_judged", gettext_noop("No longer judged"), _no_longer_judged),
    ("unknown", gettext_noop("Became unknown"), _became_unknown),
    ("new_unknown", gettext_noop("No earlier verdict, and unknown now"), _unknown_from_the_start),
    ("added", gettext_noop("No earlier verdict, and neither failing nor unknown now"), _added),
    ("treated", gettext_noop("Same verdict, other treatment"), _treated),
    ("other", gettext_noop("Other changes"), lambda row: True),
)


def group_differences(rows: Sequence[ComparedFact]) -> list[tuple[str, str, list[ComparedFact]]]:
    """Return (anchor, title, differences) of each group. Every difference is in exactly one group."""
    found: dict[str, list[ComparedFact]] = {anchor: [] for anchor, _, _ in _GROUPS}
    for row in rows:
        found[next(anchor for anchor, _, takes in _GROUPS if takes(row))].append(row)
    return [(anchor, title, found[anchor]) for anchor, title, _ in _GROUPS]


def comparison_table(facts: ReportFacts) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the header and the rows of `changes.csv`: one row per finding that differs."""
    header = (
        "group", "severity", "control", "title", "subject_name", "subject", "subscription_or_directory", "before",
        "after", "state_before", "state_after", "reason", "changed_at",
    )  # fmt: skip
    found = facts.of(PART).comparison
    rows = [
        (
            title, row.severity, row.control, row.title, row.subject_name, row.subject, row.unit_name, row.before,
            row.after, row.before_shown, row.after_shown, row.reason,
            row.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if row.changed_at else "",
        )
        for _, title, group in group_differences(found.differences if found else ())
        for row in group
    ]  # fmt: skip
    return header, rows


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found, verdicts = facts.of(PART).comparison, facts.of(results.PART)
    if found is None:
        return {}
    groups = group_differences(found.differences)
    return {
        **judging_context(facts),
        "baseline": found,
        "group_counts": [(title, len(rows)) for _, title, rows in groups],
        "first_failures": sum(not row.before for row in groups[0][2]),
        "score_rows": [
            *(_score_row(section, found) for section in verdicts.sections),
            *_ended_sections(found, verdicts.sections),
        ],
        "severity_rows": [
            (
                name,
                _known_number(found.failing.get(name, 0), found),
                _known_number(verdicts.open_by_severity.get(name, 0), verdicts),
            )
            for name in SEVERITIES
        ],
        "by_control": Counter(row.problem for row in groups[0][2]).most_common(5),
    }


def _known_number(failing: int, found: Comparison | results.ResultsFacts) -> int | None:
    """Return the number of failing verdicts. If all automatic checks are unknown, return None, because 0 would look
    like a pass.
    """
    return failing if is_known({"score": found.score, "counts": found.counts}) else None


def _score_row(
    section: SectionFact, found: Comparison
) -> tuple[str, list[tuple[float | None, Mapping[str, int]]]]:
    """Return the name of the section and, for each column, a score and a number of unknown verdicts. If the score is
    missing, the number explains why.
    """
    raw, adjusted = found.section_scores.get(section.key, (None, None))
    before = {"unknown": found.section_unknown.get(section.key, 0)}
    now = {"unknown": section.counts.get("unknown", 0)}
    return section.name, [(raw, before), (section.score, now), (adjusted, before), (section.adjusted, now)]


def judging_context(facts: ReportFacts) -> Mapping[str, Any]:
    """Return the variables of the template `_judging_changes.html`."""
    judging = facts.of(PART).judging_changes
    judged, judged_more = truncate(judging.controls if judging else (), MAX_JUDGED)
    return {
        "judging": judging,
        "judged": [(row, _parameters(row, row.before or {}), _parameters(row, row.after)) for row in judged],
        "judged_more": judged_more,
    }


def _parameters(row: JudgedControl, values: Mapping[str, Any]) -> str:
    declared = known_controls().get(row.control)
    labels = {parameter.name: parameter.help for parameter in declared.parameters} if declared else {}
    return "; ".join(
        f"{in_language(labels.get(name, name))}: {value_in_language(parameter_text(value))}"
        for name, value in values.items()
    )


def _ended_sections(
    found: Comparison, sections: Sequence[SectionFact]
) -> Iterator[tuple[str, list[tuple[float | None, Mapping[str, int]]]]]:
    """Yield the rows of sections that only the earlier assessment had, such as the section of retired own controls."""
    for key in found.section_scores.keys() - {section.key for section in sections}:
        yield _score_row(SectionFact(key, SECTIONS.get(key, key.title()), None, None, None, {}, ()), found)


PART = Part(
    "comparison",
    gettext_noop("Conclusion"),
    gather=_gather,
    context=_context,
    is_numbered=False,
    kinds=("changes",),
    position=30,
)
