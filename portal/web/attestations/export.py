"""Write the register of attestations as a table. It lists every manual control with its newest answer that was not
withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any, Final

from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.display.observed import describe, plain_lines
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from portal.treatment.models import Attestation
from portal.treatment.selectors.attestations import Standing

HEADER: Final = (
    "control",
    "title",
    "severity",
    "subject",
    "subject id",
    "subscription or directory",
    "standing",
    "answer",
    "statement",
    "answered by",
    "answered at (UTC)",
    "valid until (UTC)",
    "files (SHA-256)",
    "question",
    "automatic checks found",
    "automatic checks unchanged since the answer",
    "owner",
    "finding",
)


def rows(
    findings: Iterable[Any], names: Names, places: Mapping[str, str], zone: tzinfo
) -> Iterable[list[object]]:
    """Yield one row for each finding. The findings must have the annotation `standing`.

    `places` maps ids of subscriptions and directories to names.
    """
    known = known_controls()
    for found in findings:
        control, treatment = known.get(found.control), getattr(found, "treatment", None)
        answer = treatment.attestation if treatment else None
        yield [
            found.control,
            control.title if control else found.control,
            found.severity,
            subject_text(found.subject, found.subject_name, names),
            found.subject,
            places.get(found.unit, found.unit),
            str(Standing(found.standing).label),
            *_answer(answer),
            sentence(found.reason, names),
            plain_lines(describe(found.observed, names, zone, found.remarks)),
            "" if answer is None else _yes_or_no(answer.observed_sha256 == found.observed_sha256),
            treatment.owner if treatment else None,
            found.pk,
        ]


def _answer(answer: Attestation | None) -> list[object]:
    if answer is None:
        return [None] * 6
    files = "\n".join(f"{file.name}: {file.sha256}" for file in answer.files.all())
    met = "met" if answer.met else "not met"
    return [met, answer.statement, answer.attested_by, answer.attested_at, answer.valid_until, files]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
