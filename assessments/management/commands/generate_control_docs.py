"""`manage.py generate_control_docs`: generate docs/controls from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.controls.registry import catalogue
from assessments.generated_docs.catalogue_pages import pages, stale, write


class Command(BaseCommand):
    help = "Generates docs/controls from the docstrings and declarations of the controls."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit status 1 if out of date"
        )
        parser.add_argument("--folder", type=Path, default=Path(settings.BASE_DIR) / "docs" / "controls")

    def handle(self, *, check: bool, folder: Path, **options: Any) -> None:
        wanted = pages(catalogue().values())
        found = stale(folder, wanted) if check else write(folder, wanted)
        for name, state in found.items():
            self.stdout.write(f"{name} {state}")
        if check and found:
            raise CommandError(
                "docs/controls is out of date. Run: manage.py generate_control_docs", returncode=1
            )
        self.stdout.write(f"{len(wanted)} pages, {len(found)} {'out of date' if check else 'changed'}")
