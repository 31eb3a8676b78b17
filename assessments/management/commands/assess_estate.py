"""`manage.py assess_estate ESTATE`: assess an estate file without a database, a message broker or an Azure account."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.management.offline import NoClientSecret, Offline, assess, imported_of, units_of
from assessments.management.sandboxed import UnusableEstate, serve
from assessments.pipeline_commands import Notation, break_commands
from tenants.cloud_table import CLOUDS

UNUSABLE = 2


class Command(BaseCommand):
    help = "Assesses an estate file (JSON Lines) and writes one JSON verdict per line. Exit status 2: invalid input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("estate", type=Path, metavar="ESTATE", help="the estate file")
        parser.add_argument(
            "--control",
            action="append",
            default=[],
            metavar="SLUG",
            help="judge only this control (repeatable)",
        )
        parser.add_argument(
            "--now",
            type=instant,
            metavar="ISO8601",
            help="the time of the assessment (default: now; UTC if no zone is given)",
        )
        parser.add_argument(
            "--cloud",
            choices=sorted(CLOUDS),
            default="AzureCloud",
            help="the cloud of the estate, which can lack some features (default: %(default)s)",
        )

    def handle(self, *, estate: Path, control: list[str], now: datetime | None, **options: Any) -> None:
        controls = select_controls(control)
        try:
            with serve(estate) as served:
                offline = Offline(
                    served, controls, now or datetime.now(UTC), options["cloud"], imported_of(estate)
                )
                reporter = self._reporter(options["verbosity"])
                units = offline.assessed(units_of(served, controls), reporter)
                for line in assess(offline, units, reporter):
                    self.stdout.write(break_commands(line, Notation.JSON))
        except BrokenPipeError:
            # The program that reads the output, such as `head`, has ended. Redirect stdout to /dev/null, so that Python
            # does not fail again when it flushes stdout at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except UnusableEstate:
            raise CommandError(
                f"Could not assess {estate}. Correct the line reported above, then run the command again.",
                returncode=UNUSABLE,
            ) from None
        except NoClientSecret as error:
            raise CommandError(f"{estate}: {error}", returncode=UNUSABLE) from None

    def _reporter(self, verbosity: int) -> Any:
        if not verbosity:
            return lambda text: None
        return lambda text: self.stderr.write(text, self.style.NOTICE)


def select_controls(slugs: list[str]) -> list[Control]:
    """Return the controls with these slugs in the order of the catalogue. If `slugs` is empty, return all controls.

    Raise CommandError, with similar slugs, for an unknown slug.
    """
    known = catalogue()
    for slug in slugs:
        if slug not in known:
            near = difflib.get_close_matches(slug, known, n=3, cutoff=0.5)
            near += [other for other in known if slug in other and other not in near][: 5 - len(near)]
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise CommandError(f"Unknown control {slug!r}.{hint}", returncode=UNUSABLE)
    return [control for slug, control in known.items() if not slugs or slug in slugs]


def instant(text: str) -> datetime:
    """Parse an ISO 8601 time. A time without a zone is in UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an ISO 8601 time, such as 2026-11-25T12:00:00Z"
        ) from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
