"""The part “Attestations”, which lists the answers to manual controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.reports.facts.presentation import truncate
from portal.reports.facts.shared import AttestationFact
from portal.reports.facts.source import ReportSource
from portal.reports.parts.part import Part, ReportFacts

MAX_ATTESTATIONS: Final = 60
# States of answers that count as failures in the adjusted score, with their labels.
FAILED_LABELS: Final = {
    gettext_noop("not met"): gettext_noop("Not met"),
    gettext_noop("expired"): gettext_noop("Expired"),
    gettext_noop("outdated"): gettext_noop("Outdated"),
}
_NEVER: Final = gettext_noop("never answered")


@dataclass(frozen=True, slots=True)
class AttestationsFacts:
    """One row for each manual verdict."""

    attestations: tuple[AttestationFact, ...]


def _gather(source: ReportSource) -> AttestationsFacts:
    return AttestationsFacts(source.treatment.attestations)


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    rows = facts.of(PART).attestations
    failed, failed_more = truncate([row for row in rows if row.standing in FAILED_LABELS], MAX_ATTESTATIONS)
    met, met_more = truncate([row for row in rows if row.standing == "met"], MAX_ATTESTATIONS)
    unanswered = Counter(row.title for row in rows if row.standing == _NEVER)
    return {
        "failed": failed,
        "failed_more": failed_more,
        "failed_labels": FAILED_LABELS,
        "met": met,
        "met_more": met_more,
        "unanswered": unanswered.most_common(MAX_ATTESTATIONS),
    }


PART = Part(
    "attestations",
    gettext_noop("Attestations"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "framework"),
    position=220,
)
