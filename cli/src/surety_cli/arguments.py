"""Arguments that several commands have."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from surety_cli.gate import SEVERITIES

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands: TypeAlias = object

TIME_HELP: Final = "a day or a time (ISO 8601); a value without a zone is in the zone of this computer"


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the server and the file with its certificate authority."""
    group = parser.add_argument_group("connection")
    group.add_argument(
        "--server", metavar="URL", help="address of Surety (default: SURETY_SERVER, then the stored address)"
    )
    group.add_argument(
        "--ca-file",
        metavar="FILE",
        help="PEM file with the certificate authority of the server (default: SURETY_CA_FILE)",
    )


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add the option that chooses the output format. The first of `formats` is the default."""
    parser.add_argument(
        "--format", choices=formats, default=formats[0], help="output format (default: %(default)s)"
    )


def add_output(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Add the option that names the file for the output."""
    parser.add_argument("--output", "-o", metavar="FILE", type=Path, help=help_text)


def add_gate(parser: argparse.ArgumentParser) -> None:
    """Add the options that make the exit status depend on findings."""
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=[one.value for one in SEVERITIES],
        help=f"exit with 1 if a finding of this severity or worse fails ({', '.join(SEVERITIES)}), and with 6 if such a"
        " finding could not be checked; all findings of the customer count, even if they are not printed",
    )
    parser.add_argument(
        "--allow-unknown",
        action="store_true",
        help="do not exit with 6 for findings that could not be checked",
    )


def add_waiting(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the options for waiting until the server has finished."""
    parser.add_argument("--wait", action="store_true", help=f"wait until {what} has ended")
    parser.add_argument(
        "--timeout",
        metavar="MINUTES",
        type=positive,
        default=180,
        help="stop waiting after this time, with exit status 5 (default: %(default)s)",
    )


def positive(text: str) -> float:
    """Parse a number above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def day(text: str) -> date:
    """Parse a date in the format of ISO 8601, such as 2027-01-29."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2027-01-29") from None


def start_time(text: str) -> datetime:
    """Parse a time. For a day, return its first moment."""
    return _time(text, time.min)


def end_time(text: str) -> datetime:
    """Parse a time. For a day, return its last second."""
    return _time(text, time(23, 59, 59))


def _time(text: str, of_day: time) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if len(text) <= len("2027-01-29"):
            found = datetime.combine(found.date(), of_day)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is not a day or a time such as 2027-01-29 or 2027-01-29T18:00+01:00"
        ) from None
    return found if found.tzinfo is not None else found.astimezone()
