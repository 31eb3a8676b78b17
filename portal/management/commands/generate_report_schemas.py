"""`manage.py generate_report_schemas`: write the JSON Schemas of the files inside reports into docs/schemas/."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.portfolio_reports.published_schemas import PUBLISHED, schema_text


class Command(BaseCommand):
    help = "Write docs/schemas/, the JSON Schemas of the files inside reports and evidence bundles."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs" / "schemas"
        folder.mkdir(exist_ok=True)
        for name in PUBLISHED:
            (folder / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")
        self.stdout.write(f"Wrote {len(PUBLISHED)} schemas to docs/schemas.")
