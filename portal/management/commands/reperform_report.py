"""`manage.py reperform_report BUNDLE`: evaluate the evidence of a report again, without a database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.controls.registry import catalogue
from assessments.export.judging import UnknownCollection
from portal.management.pinned import add_pinning_arguments, pinned_fingerprints
from portal.reports.records.installation_trust import installation_trust
from portal.reports.reperformance import texts
from portal.reports.reperformance.compare import Comparison, compare
from portal.reports.reperformance.options import add_output_options, write_table
from portal.reports.reperformance.read import Bundle, UnusableBundle, read_bundle, verified_report
from portal.reports.reperformance.texts import DIFFERENT, UNDECIDED, UNUSABLE
from portal.reports.signatures.visible import visible
from portal.reports.verification.trust import Trust


class Command(BaseCommand):
    help = (
        "Verify a report's evidence bundle, evaluate its evidence again, and compare the new verdicts with those in"
        f" the report. {texts.EXIT_STATUSES}"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="path of the evidence bundle (ZIP)")
        add_pinning_arguments(parser)
        add_output_options(parser)

    def handle(
        self, *, bundle: Path, sample: int | None, seed: str, output: Path | None, **options: Any
    ) -> None:
        if sample and not seed:
            raise CommandError("A sample needs a seed. Pass the seed with --seed.", returncode=UNUSABLE)
        pinned = pinned_fingerprints(options["certificate"], options["fingerprint"])
        trust = Trust(certificates=pinned) if pinned else installation_trust()
        try:
            content, result = verified_report(bundle, trust)
            self._print(*texts.signature_lines(bundle, result))
            if not result.valid:
                sys.exit(UNDECIDED if result.verdict == "cannot be judged" else UNUSABLE)
            found = read_bundle(bundle, content)
            comparison = self._compare(found, options["verbosity"])
        except UnusableBundle as error:
            raise CommandError(visible(str(error)), returncode=UNUSABLE) from None
        except UnknownCollection as error:
            text = texts.unknown_collection(found, error)
            raise CommandError(visible(text), returncode=UNUSABLE) from None
        self._print(*texts.summary_lines(found, comparison))
        if sample:
            self._print(*texts.sample_lines(found, comparison, sample, seed))
        if output is not None:
            try:
                write_table(output, comparison)
            except UnusableBundle as error:
                raise CommandError(visible(str(error)), returncode=UNUSABLE) from None
        if texts.differs(comparison):
            sys.exit(DIFFERENT)

    def _compare(self, found: Bundle, verbosity: int) -> Comparison:
        def note(unit: Any) -> None:
            if verbosity > 1:
                self.stderr.write(visible(f"judging {unit.scope_id}"), self.style.NOTICE)

        return compare(found, catalogue().values(), note)

    def _print(self, *lines: str) -> None:
        # The lines contain names that other people chose. Such a name must not control the terminal.
        for line in lines:
            self.stdout.write(visible(line))
