"""The part “Differences”. It lists the findings that differ between the two assessments of a change report, by kind of
change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from portal.reports.facts.presentation import OUTCOME_LABELS, truncate
from portal.reports.parts import comparison
from portal.reports.parts.part import ContentsEntry, Part, ReportFacts, no_facts
from portal.treatment.states import ShownState

MAX_ROWS: Final = 100
# Groups of differences that the PDF only counts. Their rows are in changes.csv.
_ONLY_COUNTED: Final = ("added",)


def _groups(facts: ReportFacts) -> list[tuple[str, str, list[comparison.ComparedFact]]]:
    found = facts.of(comparison.PART).comparison
    return [group for group in comparison.group_differences(found.differences if found else ()) if group[2]]


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    return {
        "groups": [
            (anchor, title, len(rows), *truncate(rows, 0 if anchor in _ONLY_COUNTED else MAX_ROWS))
            for anchor, title, rows in _groups(facts)
        ],
        "labels": OUTCOME_LABELS,
        "states": dict(ShownState.choices),
    }


def _entries(facts: ReportFacts) -> Sequence[ContentsEntry]:
    return [
        ContentsEntry(f"changes-{anchor}", f"{gettext(title)}: {len(rows)}")
        for anchor, title, rows in _groups(facts)
    ]


PART = Part(
    "differences",
    gettext_noop("Differences"),
    gather=no_facts,
    context=_context,
    entries=_entries,
    kinds=("changes",),
    position=160,
)
