"""The part “Results”, which shows every control with its verdicts, by section of the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.reports.facts.presentation import OUTCOMES
from portal.reports.facts.sections import ControlFact, SectionFact, own_versions_of, section_facts
from portal.reports.facts.shared import FindingFact
from portal.reports.facts.source import ReportSource
from portal.reports.parts.part import BY_SEVERITY, ContentsEntry, Part, ReportFacts, in_schema
from portal.reports.parts.result_rows import section_view
from portal.reports.wording.languages import in_language
from portal.treatment.states import ShownState

# A report with more than LARGE verdicts is large. Of its files, only results.csv lists all verdicts.
LARGE: Final = 20_000
LISTED_IF_LARGE: Final = 10


@dataclass(frozen=True, slots=True)
class ResultsFacts:
    """All verdicts and the scores. Scores and coverage are percentages, None if undefined.

    - `counts`: {outcome: number of verdicts}
    - `adjusted`, `adjusted_counts`: the score and the counts after exceptions and attestations
    - `open_by_severity`: {severity: number of failing verdicts}, including acknowledged and excepted failures. The name
      is misleading, but it cannot change, because it is a key of results.json
    - `states`: {state after treatment: number of verdicts}
    """

    sections: tuple[SectionFact, ...]
    score: float | None
    coverage: float | None
    counts: Mapping[str, int]
    open_by_severity: Mapping[str, int] = field(
        metadata=in_schema("Failing verdicts by severity", **BY_SEVERITY)
    )
    adjusted: float | None = None
    adjusted_counts: Mapping[str, int] = field(
        default_factory=dict,
        metadata=in_schema(
            "Number of verdicts for each outcome, after exceptions and attestations. “excepted” is the"
            " number of failures that an exception covers",
            propertyNames={"enum": [*OUTCOMES, "excepted"]},
        ),
    )
    states: Mapping[str, int] = field(
        default_factory=dict,
        metadata=in_schema(
            "Number of findings for each state. States take exceptions and other treatments into account",
            propertyNames={"enum": list(ShownState.values)},
        ),
    )

    @property
    def controls(self) -> list[ControlFact]:
        """All controls, in the catalogue's order."""
        return [control for section in self.sections for control in section.controls]

    @property
    def findings(self) -> Iterator[FindingFact]:
        """All findings, control by control. They may have to be read from a file, which takes long, so use `counts` and
        `states` for numbers.
        """
        return (finding for control in self.controls for finding in control.findings)

    def of_outcome(self, *outcomes: str) -> Iterator[FindingFact]:
        """Yield the findings with these outcomes, control by control. The other findings are not read from the file."""
        return (finding for control in self.controls for finding in control.of_outcome(*outcomes))

    @property
    def overdue(self) -> list[FindingFact]:
        """The findings past their due date, longest overdue first."""
        late = [finding for finding in self.of_outcome("fail") if finding.overdue_days > 0]
        return sorted(late, key=lambda finding: (-finding.overdue_days, finding.control, finding.subject))

    @property
    def listed_at_most(self) -> int | None:
        """The maximum number of verdicts of one control and outcome that the OSCAL file lists, None for all verdicts.
        In results.json, the limit applies only to verdicts that pass or are not applicable.
        """
        return LISTED_IF_LARGE if sum(self.counts.values()) > LARGE else None

    @property
    def unanswered(self) -> int:
        """Number of manual verdicts without a valid answer."""
        return self.states.get("manual", 0) + self.states.get("lapsed", 0)

    @property
    def statuses(self) -> Counter[str]:
        """{status of a control: number of controls}."""
        return Counter(control.status for control in self.controls)


def _gather(source: ReportSource) -> ResultsFacts:
    raw, adjusted = source.summaries["raw"], source.summaries["adjusted"]
    findings, overrides = source.treatment.by_control, source.assessment.parameters
    return ResultsFacts(
        sections=tuple(
            section_facts(
                findings,
                source.unit_facts,
                source.summaries,
                overrides,
                own_versions_of(findings, source.units, overrides),
            )
        ),
        score=raw["score"],
        coverage=raw["coverage"],
        counts=raw["counts"],
        open_by_severity=raw["failing"],
        adjusted=adjusted["score"],
        adjusted_counts=adjusted["counts"],
        states=source.summaries["states"],
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(PART)
    is_large = found.listed_at_most is not None
    return {"section_views": [section_view(section, is_large=is_large) for section in found.sections]}


def _entries(facts: ReportFacts) -> Sequence[ContentsEntry]:
    return [
        ContentsEntry(f"s-{section.key}", in_language(section.name)) for section in facts.of(PART).sections
    ]


PART = Part(
    "results",
    gettext_noop("Results"),
    gather=_gather,
    context=_context,
    entries=_entries,
    kinds=("full", "period"),
    position=150,
)
