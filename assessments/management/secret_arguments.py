"""Read the secret of a service principal for a command. Other users of the machine can see the arguments of a
program, so the secret is never an argument.
"""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path

from django.core.management.base import CommandError

from tenants.values.days import end_of_day


def add_secret_arguments(parser: ArgumentParser) -> None:
    """Add the arguments `--secret-file` and `--expires`."""
    parser.add_argument(
        "--secret-file",
        metavar="FILE",
        help="file whose first line is the value of the secret; - for standard input",
    )
    parser.add_argument("--expires", default="", metavar="YYYY-MM-DD", help="day on which the secret expires")


def end_of(text: str) -> datetime | None:
    """Return the last second, in UTC, of the day that the text names, or None for an empty text. Raise CommandError if
    the text is not a date.
    """
    if not text:
        return None
    try:
        return end_of_day(date.fromisoformat(text))
    except ValueError:
        raise CommandError(f"“{text[:40]}” is not a date. Enter a date such as 2027-03-31.") from None


def read_secret(source: str | None) -> str:
    """Return the secret. Read it from the file `source`, from standard input if `source` is `-`, or from the terminal
    if `source` is None.
    """
    if source is None:
        if not sys.stdin.isatty():
            raise CommandError(
                "There is no terminal to ask for the secret. Pass --secret-file FILE, or --secret-file - to read"
                " standard input."
            )
        return getpass.getpass("Value of the new secret: ")
    if source == "-":
        return sys.stdin.readline()
    try:
        return (Path(source).read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"Could not read the secret from {source}: {error}. Check the path and its permissions."
        ) from error
