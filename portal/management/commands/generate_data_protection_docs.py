"""`manage.py generate_data_protection_docs`: write the table of protection levels into docs/data-protection.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.management.protection_table import replace_protection_table


class Command(BaseCommand):
    help = "Write the table in docs/data-protection.md from the levels of protection that the models declare."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "data-protection.md"
        page.write_text(replace_protection_table(page.read_text()))
