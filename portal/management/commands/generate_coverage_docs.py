"""`manage.py generate_coverage_docs`: write docs/coverage.md from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.management.coverage_page import coverage_page


class Command(BaseCommand):
    help = (
        "Write docs/coverage.md, which lists the requirements of CIS and the checks of Prowler. For each of them, the"
        " page names the controls, and says what the controls do not check."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        (Path(settings.BASE_DIR) / "docs" / "coverage.md").write_text(coverage_page(), encoding="utf-8")
