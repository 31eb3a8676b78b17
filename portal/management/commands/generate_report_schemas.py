"""`manage.py generate_report_schemas`: write the JSON Schemas of the files inside reports into docs/schemas/, and the
table of the parts of reports into docs/reports.md.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.management.report_parts_table import replace_parts_table
from portal.portfolio_reports.published_schemas import PUBLISHED, schema_text


class Command(BaseCommand):
    help = (
        "Write the JSON Schemas of the files inside reports and evidence bundles to docs/schemas/, and the table of"
        " parts to docs/reports.md."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs" / "schemas"
        folder.mkdir(exist_ok=True)
        for name in PUBLISHED:
            (folder / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")
        page = settings.BASE_DIR / "docs" / "reports.md"
        page.write_text(replace_parts_table(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Wrote {len(PUBLISHED)} schemas to docs/schemas.")
