"""The part “Conclusion”. It describes the state of the customer with one headline, a few sentences, the first step and
the key figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, gettext_noop, ngettext, ngettext_lazy

from portal.queries.tenant_overview.fix_next import urgency
from portal.reports.facts.finding_store import columns_of, of_outcome
from portal.reports.facts.presentation import SEVERITIES, outcome_bar
from portal.reports.facts.source import ReportSource
from portal.reports.parts import results, scope, trend
from portal.reports.parts.part import Part, ReportFacts, in_schema
from portal.reports.wording.languages import in_language
from portal.treatment.naming import control_problem
from portal.treatment.states import ShownState

# The conclusion compares the scores of two days. If one day has less than this share of the other day's applicable
# verdicts, the conclusion adds that the scores cannot be compared exactly.
MIN_SHARE_IN_COMMON: Final = 0.9


@dataclass(frozen=True, slots=True)
class FirstStep:
    """The control whose open failures of one severity should be fixed first, with the number of these failures.

    `open` is the number of the control's open failures that have this `severity`. The control can also have open
    failures of other severities.
    """

    control: str
    problem: str
    severity: str
    open: int


@dataclass(frozen=True, slots=True)
class ConclusionFacts:
    """The facts of the part. `fix_first` is the first row under “Fix next” on the customer's page. It is None if no
    failure is open.
    """

    fix_first: FirstStep | None = field(
        metadata=in_schema("The control whose failures should be fixed first; null if no failure is open")
    )


def _gather(source: ReportSource) -> ConclusionFacts:
    counts: Counter[tuple[str, str]] = Counter()
    for control, findings in source.treatment.by_control.items():
        for severity, shown in columns_of(of_outcome(findings, "fail"), "severity", "shown"):
            if shown == ShownState.OPEN:
                counts[severity, control] += 1
    if not counts:
        return ConclusionFacts(None)
    severity, control = min(counts, key=lambda key: urgency(key[0], counts[key], key[1]))
    return ConclusionFacts(FirstStep(control, control_problem(control), severity, counts[severity, control]))


def first_step(facts: ReportFacts) -> str:
    """Return the sentence on what to fix first, or an empty string if no failure is open."""
    step = facts.of(PART).fix_first
    if step is None:
        return ""
    return gettext("Fix “%(problem)s” first: %(failures)s.") % {
        "problem": in_language(step.problem),
        "failures": open_failures(step.severity, step.open),
    }


def open_by_severity(facts: ReportFacts) -> Counter[str]:
    """Return {severity: number of failing verdicts that are neither acknowledged nor excepted}."""
    found = facts.of(results.PART).of_outcome("fail")
    return Counter(finding.severity for finding in found if finding.shown == ShownState.OPEN)


def severity_list(counts: Mapping[str, int]) -> str:
    """Return the numbers by severity as text, such as "2 critical, 5 high and 1 low"."""
    labels = {
        "critical": gettext("%(number)s critical"),
        "high": gettext("%(number)s high"),
        "medium": gettext("%(number)s medium"),
        "low": gettext("%(number)s low"),
    }
    parts = [labels[name] % {"number": counts[name]} for name in SEVERITIES if counts.get(name)]
    if len(parts) < 2:
        return parts[0] if parts else gettext("none")
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


_OPEN: Final = {
    "critical": ngettext_lazy(
        "%(number)s critical failure is open", "%(number)s critical failures are open", "number"
    ),
    "high": ngettext_lazy("%(number)s high failure is open", "%(number)s high failures are open", "number"),
    "medium": ngettext_lazy(
        "%(number)s medium failure is open", "%(number)s medium failures are open", "number"
    ),
    "low": ngettext_lazy("%(number)s low failure is open", "%(number)s low failures are open", "number"),
}


def open_failures(severity: str, number: int) -> str:
    """Return a phrase such as "2 critical failures are open"."""
    return str(_OPEN[severity] % {"number": number})


def headline(facts: ReportFacts) -> str:
    """Return the state of the customer in one sentence, such as "2 critical failures are open"."""
    verdicts, counts = facts.of(results.PART), open_by_severity(facts)
    if facts.of(scope.PART).nothing_read:
        return gettext("No result: nothing could be read")
    for severity in SEVERITIES:
        if number := counts[severity]:
            return open_failures(severity, number)
    if number := verdicts.states.get(ShownState.ACKNOWLEDGED, 0):
        return ngettext(
            "No failure is open, but %(number)s acknowledged failure is not fixed",
            "No failure is open, but %(number)s acknowledged failures are not fixed",
            number,
        ) % {"number": number}
    if number := verdicts.states.get(ShownState.NOT_MET, 0):
        return ngettext(
            "No failure is open, but %(number)s manual verdict was answered with “not met”",
            "No failure is open, but %(number)s manual verdicts were answered with “not met”",
            number,
        ) % {"number": number}
    if number := verdicts.counts.get("unknown", 0):
        return ngettext(
            "No failure is open, but %(number)s verdict is unknown",
            "No failure is open, but %(number)s verdicts are unknown",
            number,
        ) % {"number": number}
    return gettext("No failure is open")


def _sentences(facts: ReportFacts) -> Iterator[str]:
    verdicts, counts = facts.of(results.PART), open_by_severity(facts)
    failing = verdicts.statuses["fail"]
    # Count by verdicts, not by status: a control with passes and unknown verdicts has the status unknown, but it must
    # be counted as a control with passes.
    decided = sum(bool(one.counts.get("fail") or one.counts.get("pass")) for one in verdicts.controls)
    controls = ngettext(
        "%(number)s control with passes or failures", "%(number)s controls with passes or failures", decided
    ) % {"number": decided}
    if decided:
        yield ngettext(
            "%(failing)s of %(controls)s has at least one failure.",
            "%(failing)s of %(controls)s have at least one failure.",
            failing,
        ) % {"failing": failing, "controls": controls}
    else:
        yield gettext("No control passed or failed.")
    yield gettext("Open failures: %(list)s.") % {"list": severity_list(counts)}
    if step := first_step(facts):
        yield step
    if verdicts.adjusted is not None:
        yield _score_sentence(verdicts.adjusted, facts)
        yield from _other_resources(facts)
    late = len(verdicts.overdue)
    yield _or_none(
        late,
        ngettext(
            "%(number)s finding is past its due date.", "%(number)s findings are past their due date.", late
        ),
        gettext("No findings are past their due date."),
    )
    yield from _undecided(verdicts)


def _undecided(verdicts: results.ResultsFacts) -> Iterator[str]:
    """Yield sentences on unknown verdicts and on the answers to manual verdicts."""
    unknown, unanswered = verdicts.counts.get("unknown", 0), verdicts.unanswered
    not_met = verdicts.states.get(ShownState.NOT_MET, 0)
    if unanswered and not unknown:
        yield gettext("No verdict is unknown.")
    if unknown:
        yield ngettext("%(number)s verdict is unknown.", "%(number)s verdicts are unknown.", unknown) % {
            "number": unknown
        }
    if unanswered:
        yield ngettext(
            "%(number)s manual verdict has no valid answer.",
            "%(number)s manual verdicts have no valid answer.",
            unanswered,
        ) % {"number": unanswered}
    if unknown and unanswered:
        yield gettext("These verdicts do not count as passes.")
    elif number := unknown or unanswered:
        yield ngettext("It does not count as a pass.", "They do not count as passes.", number)
    if unknown and verdicts.counts.get("manual") and not unanswered:
        yield gettext("All manual verdicts have a valid answer.")
    if not_met:
        yield ngettext(
            "%(number)s manual verdict was answered with “not met”.",
            "%(number)s manual verdicts were answered with “not met”.",
            not_met,
        ) % {"number": not_met}


def _or_none(number: int, sentence: str, none: str) -> str:
    return sentence % {"number": number} if number else none


def _score_sentence(score: float, facts: ReportFacts) -> str:
    """Return a sentence on the adjusted score. If an adjusted score was recorded about 30 days before, compare the two
    scores.
    """
    before = trend.score_before(facts)
    known = {"score": floatformat(score, 1)}
    if before is None or before.adjusted is None:
        return gettext("The adjusted score is %(score)s %%.") % known
    known["day"], known["before"] = trend.day_label(before.day), floatformat(before.adjusted, 1)
    difference = round(score, 1) - round(before.adjusted, 1)
    if abs(difference) < 0.05:
        return gettext("The adjusted score is %(score)s %%, the same as on %(day)s.") % known
    known["points"] = floatformat(abs(difference), 1)
    if difference > 0:
        return (
            gettext(
                "The adjusted score is %(score)s %%, %(points)s points higher than on %(day)s (%(before)s %%)."
            )
            % known
        )
    return (
        gettext(
            "The adjusted score is %(score)s %%, %(points)s points lower than on %(day)s (%(before)s %%)."
        )
        % known
    )


def _other_resources(facts: ReportFacts) -> Iterator[str]:
    """Yield a warning if the two compared scores are based on clearly different numbers of verdicts."""
    before, now = trend.score_before(facts), facts.of(trend.PART).trend[-1:]
    if before is None or before.adjusted is None or not now:
        return
    (fewer, more) = sorted((before.applicable, now[0].applicable))
    if more * MIN_SHARE_IN_COMMON > fewer:
        yield gettext(
            "These scores cannot be compared exactly, because they cover different resources or controls: there were"
            " %(before)s applicable verdicts on %(day)s, and this report has %(now)s."
        ) % {"day": trend.day_label(before.day), "before": before.applicable, "now": now[0].applicable}


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    verdicts = facts.of(results.PART)
    units = facts.of(scope.PART).units
    return {
        "headline": headline(facts),
        "sentences": list(_sentences(facts)),
        "bar": outcome_bar(verdicts.counts),
        "incomplete": sum(unit.reached != "completely" for unit in units),
        "overdue_total": len(verdicts.overdue),
    }


PART = Part(
    "conclusion",
    gettext_noop("Conclusion"),
    gather=_gather,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=20,
)
