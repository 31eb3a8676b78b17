"""Options that `manage.py reperform_report` and the program `surety-verify` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from portal.reports.reperformance.compare import Comparison
from portal.reports.reperformance.read import UnusableBundle
from portal.reports.reperformance.texts import table_lines
from portal.reports.signatures.visible import visible


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add `--sample` with `--seed`, and `--output`."""
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
        "--output", type=Path, metavar="FILE", help="write every verdict with its comparison, as JSON Lines"
    )


def write_table(output: Path, comparison: Comparison) -> None:
    """Write each verdict with its comparison to the file of `--output`. Raise UnusableBundle if the file cannot be
    written.
    """
    try:
        with output.open("w", encoding="utf-8") as file:
            file.writelines(table_lines(comparison))
    except OSError as error:
        raise UnusableBundle(f"{output} cannot be written: {error.strerror}. Choose another file.") from None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{visible(text)} is not a number above 0.")
    return int(text)
