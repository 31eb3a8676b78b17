"""`manage.py assess_estate ESTATE`: judges an estate file without a database, a broker or an account."""

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
from assessments.management.offline import NobodyCanSignIn, Offline, assess, units_of
from assessments.management.sandboxed import UnusableEstate, serve

UNUSABLE = 2


class Command(BaseCommand):
    help = (
        "Judge an estate file (JSON Lines): one JSON verdict a line. Exit status 2: the estate is unusable."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("estate", type=Path, metavar="ESTATE", help="the estate file")
        parser.add_argument(
            "--control",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this control (may be repeated)",
        )
        parser.add_argument(
            "--now",
            type=instant,
            metavar="ISO8601",
            help="the time to judge at (UTC without a zone; default: the present)",
        )

    def handle(self, *, estate: Path, control: list[str], now: datetime | None, **options: Any) -> None:
        controls = chosen(control)
        try:
            with serve(estate) as served:
                units = units_of(served, controls)
                offline = Offline(served, controls, now or datetime.now(UTC))
                for line in assess(offline, units, self._say(options["verbosity"])):
                    self.stdout.write(line)
        except BrokenPipeError:
            # Whoever read us has seen enough (`| head`); Python would complain again when it closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except UnusableEstate:
            raise CommandError(f"{estate} cannot be assessed", returncode=UNUSABLE) from None
        except NobodyCanSignIn as error:
            raise CommandError(f"{estate}: {error}", returncode=UNUSABLE) from None

    def _say(self, verbosity: int) -> Any:
        if not verbosity:
            return lambda text: None
        return lambda text: self.stderr.write(text, self.style.NOTICE)


def chosen(slugs: list[str]) -> list[Control]:
    """Those controls in the catalogue's order, all without slugs; CommandError names what is near an
    unknown one.
    """
    known = catalogue()
    for slug in slugs:
        if slug not in known:
            near = difflib.get_close_matches(slug, known, n=3, cutoff=0.5)
            near += [other for other in known if slug in other and other not in near][: 5 - len(near)]
            hint = f" Did you mean {', '.join(near)}?" if near else ""
            raise CommandError(f"There is no control {slug!r}.{hint}", returncode=UNUSABLE)
    return [control for slug, control in known.items() if not slugs or slug in slugs]


def instant(text: str) -> datetime:
    """An ISO 8601 time; UTC where it names no zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ISO 8601 time such as 2026-11-25T12:00:00Z"
        ) from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
