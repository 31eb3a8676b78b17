"""The output of the programs that judge a bundle again. This module also works without Django."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from assessments.controls.registry import catalogue_hash
from assessments.pipeline_commands import Notation, break_commands
from portal.reports.reperformance.compare import Compared, Comparison, population_hash, sample
from portal.reports.reperformance.read import Bundle
from portal.reports.verification.verify import VerificationResult

# Exit statuses of the programs. There is one more, 0, which means that all verdicts are the same.
DIFFERENT, UNUSABLE, UNDECIDED = 1, 2, 3
MOST_SHOWN: Final = 20
EXIT_STATUSES: Final = (
    "Exit statuses: 0: all verdicts are the same; 1: at least one verdict differs; 2: the bundle cannot be used, or"
    " its report is invalid; 3: the report cannot be judged, because there is no certificate to compare with; 70: an"
    " unexpected error, so nothing was compared."
)


def signature_lines(path: Path, result: VerificationResult) -> list[str]:
    """Return lines on who signed the report, or why the signature is not accepted."""
    if not result.valid:
        return [
            f"{path}: the report in the bundle is not accepted",
            *(f"  - {text}" for text in result.problems),
        ]
    return [
        f"{path}: {result.title}",
        f"  signature    valid, {result.signer}",
        f"  certificate  SHA-256 {result.fingerprint}",
        f"  report       SHA-256 {result.sha256}",
    ]


def judged_with(found: Bundle) -> str:
    """Return the version of Surety that made the report's assessment. After an upgrade, a later version can have built
    the report.
    """
    return str(found.report["identity"]["assessed_with"])


def unknown_collection(found: Bundle, name: object) -> str:
    """Return the message about a collection, `name`, that this program does not know. The message also states which
    version of Surety knows the collection.
    """
    return (
        f"The bundle contains data of the collection {name}, which this version of Surety does not know. Use Surety"
        f" {judged_with(found)}."
    )


def summary_lines(found: Bundle, comparison: Comparison) -> list[str]:
    """Return lines on what was compared, and on the first verdicts that differ."""
    verdicts = comparison.verdicts
    same = sum(row.same for row in verdicts)
    unread = sum(row.unread for row in verdicts)
    different = [row for row in verdicts if row.differs]
    differ = f"{same} verdicts are the same, {len(different)} differ"
    lines = [
        f"  evidence     {len(found.evidence.content)} pieces, all with the listed SHA-256",
        f"  population   {len(verdicts)} verdicts, SHA-256 {population_hash(found.verdicts)}",
        f"  judged again {len(found.units)} subscriptions and directories: {differ}",
    ]
    if found.report["identity"]["catalogue_hash"] != catalogue_hash():
        lines.append(
            "  catalogue    the report was judged with other controls than those of this program, so verdicts may"
            f" differ. Use Surety {judged_with(found)}, in the build that made the assessment"
        )
    elif other := sum(one != catalogue_hash() for one in found.catalogues):
        lines.append(
            f"  catalogue    earlier assessments judged {other} of {len(found.catalogues)} subscriptions and"
            " directories with other controls than those of this program, so verdicts may differ. Compare a report that"
            " is built after they were assessed again"
        )
    if unread:
        lines.append(
            f"  not read     {unread} verdicts are unknown or manual, because nothing was read for them"
        )
    if found.counted:
        number = sum(found.counted.values())
        lines.append(
            f"  not listed   {number} further verdicts, which the report only counts, are counted again"
        )
    lines += [
        f"  differs      {control}: the report counts {number} further verdicts “{outcome}”, judging again"
        " gives another number"
        for (control, outcome), number in comparison.miscounted.items()
    ]
    lines += _shown(
        f"  differs      {row.stated.control} {row.stated.subject}: the report says {row.stated.outcome}, the evidence"
        f" gives {_again(row)}"
        for row in different
    )
    lines += _shown(
        f"  additional   {control} {subject}: the evidence gives {outcome}, the report has no verdict"
        for control, subject, outcome in comparison.additional
    )
    return lines


def sample_lines(found: Bundle, comparison: Comparison, number: int, seed: str) -> list[str]:
    """Return a line on the sample, then a line of JSON for each verdict of the sample."""
    by_verdict = {row.stated: row for row in comparison.verdicts}
    drawn = sample(found.verdicts, number, seed)
    head = f"  sample       {len(drawn)} verdicts, drawn with the seed “{seed}”"
    drawn_lines = (break_commands(_json(by_verdict[stated]), Notation.JSON) for stated in drawn)
    return [head, *drawn_lines]


def table_lines(comparison: Comparison) -> Iterator[str]:
    """Yield a line of JSON for each verdict of the report, with the result of judging it again. Then yield a line for
    each additional verdict: judging again gives this verdict, but the report does not state it.
    """
    for row in comparison.verdicts:
        yield f"{_json(row)}\n"
    for control, subject, outcome in comparison.additional:
        row_found = {
            "control": control,
            "subject": subject,
            "unit": "",
            "report": "",
            "again": outcome,
            "same": False,
        }
        yield f"{json.dumps(row_found)}\n"


def differs(comparison: Comparison) -> bool:
    """Return whether the result of judging again differs from the report: a different verdict, an additional verdict,
    or different counts.
    """
    return (
        any(row.differs for row in comparison.verdicts)
        or bool(comparison.additional)
        or bool(comparison.miscounted)
    )


def _again(row: Compared) -> str:
    if row.again == row.stated.outcome:
        return f"{row.again} with another observed value"
    return row.again or "no verdict"


def _shown(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    more = len(found) - MOST_SHOWN
    return found[:MOST_SHOWN] + (
        [f"  …            and {more} more; list all of them with --output"] if more > 0 else []
    )


def _json(row: Compared) -> str:
    stated = row.stated
    return json.dumps(
        {
            "control": stated.control,
            "subject": stated.subject,
            "unit": stated.unit,
            "report": stated.outcome,
            "again": row.again,
            # None if the assessment could not read the data, so that there was nothing to compare.
            "same": None if row.unread else row.same,
        }
    )
