"""`manage.py generate_api_contract`: write the OpenAPI document of the API, which the portal serves, and the tables of
bulk actions in the documentation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.api.contract_file import FILE, generated
from portal.management.bulk_action_tables import PAGES


class Command(BaseCommand):
    help = (
        "Write the OpenAPI document of the API (portal/api/openapi.json), and the tables of bulk actions in"
        " docs/api.md and docs/cli.md. Run this command after a change of the API."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        FILE.write_text(generated(), encoding="utf-8")
        for name, replace in PAGES.items():
            page = Path(settings.BASE_DIR) / "docs" / name
            page.write_text(replace(page.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"Wrote {FILE.name}.")
