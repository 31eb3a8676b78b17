"""`manage.py reperform_report BUNDLE`: judge the evidence of a report again, without a database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.controls.registry import catalogue, catalogue_hash
from assessments.export.judging import UnknownCollection
from portal.management.pinned import add_pinning_arguments, pinned_fingerprints
from portal.reports.installation_trust import installation_trust
from portal.reports.reperformance.compare import Compared, Comparison, compare, population_hash, sample
from portal.reports.reperformance.read import Bundle, UnusableBundle, read_bundle, verified_report
from portal.reports.trust import Trust
from portal.reports.verify import VerificationResult
from portal.reports.visible import visible

DIFFERENT, UNUSABLE, UNDECIDED = 1, 2, 3
MOST_SHOWN: Final = 20


class Command(BaseCommand):
    help = (
        "Verify a report's evidence bundle, judge its evidence again and compare the verdicts. Exit status 0: all"
        " verdicts are the same; 1: some differ; 2: the bundle cannot be used, or its report is invalid; 3: the report"
        " cannot be judged, because no certificate to compare with is known."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="path of the evidence bundle (ZIP)")
        add_pinning_arguments(parser)
        parser.add_argument(
            "--sample",
            type=_positive,
            metavar="N",
            help="also print N verdicts that are drawn at random with --seed, as JSON Lines",
        )
        parser.add_argument(
            "--seed", default="", metavar="TEXT", help="any text; the same text draws the same sample"
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write every verdict with its comparison, as JSON Lines",
        )

    def handle(
        self, *, bundle: Path, sample: int | None, seed: str, output: Path | None, **options: Any
    ) -> None:
        if sample and not seed:
            raise CommandError("Choose a seed for the sample with --seed.", returncode=UNUSABLE)
        pinned = pinned_fingerprints(options["certificate"], options["fingerprint"])
        trust = Trust(certificates=pinned) if pinned else installation_trust()
        try:
            content, result = verified_report(bundle, trust)
            self._print(*_signature(bundle, result))
            if not result.valid:
                sys.exit(UNDECIDED if result.verdict == "cannot be judged" else UNUSABLE)
            found = read_bundle(bundle, content)
            comparison = self._compare(found, options["verbosity"])
        except UnusableBundle as error:
            raise CommandError(visible(str(error)), returncode=UNUSABLE) from None
        except UnknownCollection as error:
            raise CommandError(
                f"The bundle has data of the collection {visible(str(error))}, which this version of Surety does not"
                f" read. Use Surety {_version(found)}.",
                returncode=UNUSABLE,
            ) from None
        self._print(*_summary(found, comparison))
        if sample:
            self._sample(found, comparison, sample, seed)
        if output is not None:
            _write(output, comparison)
        if any(row.differs for row in comparison.verdicts) or comparison.additional or comparison.miscounted:
            sys.exit(DIFFERENT)

    def _compare(self, found: Bundle, verbosity: int) -> Comparison:
        def note(unit: Any) -> None:
            if verbosity > 1:
                self.stderr.write(visible(f"judging {unit.scope_id}"), self.style.NOTICE)

        return compare(found, catalogue().values(), note)

    def _sample(self, found: Bundle, comparison: Comparison, number: int, seed: str) -> None:
        by_verdict = {row.stated: row for row in comparison.verdicts}
        drawn = sample(found.verdicts, number, seed)
        self._print(f"  sample       {len(drawn)} verdicts, drawn with the seed “{seed}”")
        self._print(*(_json(by_verdict[stated]) for stated in drawn))

    def _print(self, *lines: str) -> None:
        # Others chose names in the lines, which must not control the terminal.
        for line in lines:
            self.stdout.write(visible(line))


def _signature(path: Path, result: VerificationResult) -> list[str]:
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


def _version(found: Bundle) -> str:
    return str(found.report["identity"]["product_version"])


def _summary(found: Bundle, comparison: Comparison) -> list[str]:
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
            "  catalogue    the report was judged with other controls than those of this installation, so verdicts may"
            f" differ. Use Surety {_version(found)}, in the same build as the operator"
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
    lines += _shown(
        f"  differs      {control}: the report counts {number} further verdicts “{outcome}”, judging again"
        " gives another number"
        for (control, outcome), number in comparison.miscounted.items()
    )
    lines += _shown(
        f"  differs      {row.stated.control} {row.stated.subject}: the report says {row.stated.outcome}, the evidence"
        f" gives {row.again or 'no verdict'}"
        for row in different
    )
    lines += _shown(
        f"  additional   {control} {subject}: the evidence gives {outcome}, the report has no verdict"
        for control, subject, outcome in comparison.additional
    )
    return lines


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
            "same": row.same,
        }
    )


def _write(output: Path, comparison: Comparison) -> None:
    try:
        with output.open("w", encoding="utf-8") as file:
            file.writelines(f"{_json(row)}\n" for row in comparison.verdicts)
    except OSError as error:
        raise CommandError(
            f"{visible(str(output))} cannot be written: {error.strerror}. Choose another file.",
            returncode=UNUSABLE,
        ) from None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ArgumentTypeError(f"{visible(text)} is not a number above 0.")
    return int(text)
