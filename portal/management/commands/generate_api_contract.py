"""`manage.py generate_api_contract`: write the OpenAPI document of the API, which the portal serves."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.api.contract_file import FILE, generated


class Command(BaseCommand):
    """Generate the contract."""

    help = (
        "Write the OpenAPI document of the API (portal/api/openapi.json). Run this command after a change of the"
        " API."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        FILE.write_text(generated(), encoding="utf-8")
        self.stdout.write(f"Wrote {FILE.name}.")
