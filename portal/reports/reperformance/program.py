"""`surety-verify`: judge an evidence bundle again on a machine without Surety, its database and its settings.

    main(arguments, script) -> exit status

`portal.reports.reperformance.archive` writes this program and the controls into one file. The program verifies the
report in the bundle in the same way as `surety_verify.py`. It judges the evidence and prints the result in the same way
as `manage.py reperform_report`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assessments.controls.registry import catalogue
from assessments.export.judging import UnknownCollection
from assessments.version import VERSION
from portal.reports.offline.program import CHECK, INSPECT, add_trust_options, prepare_output, verified
from portal.reports.offline.program import main as verifier
from portal.reports.reperformance.compare import compare
from portal.reports.reperformance.options import add_output_options, write_table
from portal.reports.reperformance.read import UnusableBundle, read_bundle, read_report
from portal.reports.reperformance.texts import (
    DIFFERENT,
    EXIT_STATUSES,
    UNDECIDED,
    UNUSABLE,
    differs,
    sample_lines,
    signature_lines,
    summary_lines,
    unknown_collection,
)
from portal.reports.signatures.visible import visible
from portal.reports.verification.trust import given_trust
from portal.reports.verification.verify import Verdict


def main(arguments: list[str], script: str) -> int:
    """Judge a bundle again and print the result. `script` is the path of the program's file."""
    if arguments[:1] in ([INSPECT], [CHECK]):
        return verifier(arguments, script)  # This process is the child that parses the report.
    prepare_output()
    options = _options(arguments)
    try:
        return _judged(options, script)
    except UnusableBundle as error:
        print(visible(str(error)), file=sys.stderr)
        return UNUSABLE


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="surety-verify",
        description="Verify the evidence bundle of a report, judge its evidence again, and compare the new verdicts"
        " with those in the report.",
        epilog=EXIT_STATUSES,
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="path of the evidence bundle (ZIP)")
    add_trust_options(parser)
    add_output_options(parser)
    parser.add_argument("--version", action="version", version=f"Surety {VERSION}")
    options = parser.parse_args(arguments)
    if options.sample and not options.seed:
        parser.error("Choose a seed for the sample with --seed.")
    return options


def _judged(options: argparse.Namespace, script: str) -> int:
    content = read_report(options.bundle)
    trust = given_trust(options.fingerprint, options.authority)
    result, _ = verified(content, trust, script)
    _print(signature_lines(options.bundle, result))
    if not result.valid:
        return UNDECIDED if result.verdict == Verdict.UNDECIDED else UNUSABLE
    found = read_bundle(options.bundle, content)
    try:
        comparison = compare(found, catalogue().values())
    except UnknownCollection as error:
        raise UnusableBundle(unknown_collection(found, error)) from None
    _print(summary_lines(found, comparison))
    if options.sample:
        _print(sample_lines(found, comparison, options.sample, options.seed))
    if options.output is not None:
        write_table(options.output, comparison)
    return DIFFERENT if differs(comparison) else 0


def _print(lines: list[str]) -> None:
    # Other people chose some of the names in the lines, so the names could contain commands for the terminal.
    for line in lines:
        print(visible(line))
