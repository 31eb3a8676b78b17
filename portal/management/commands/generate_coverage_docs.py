"""`manage.py generate_coverage_docs`: write docs/coverage.md from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.management.coverage_page import coverage_page


class Command(BaseCommand):
    help = (
        "Write docs/coverage.md, which lists the checks of Prowler and the requirements of CIS with the controls"
        " that check them."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        (Path(settings.BASE_DIR) / "docs" / "coverage.md").write_text(coverage_page(), encoding="utf-8")
