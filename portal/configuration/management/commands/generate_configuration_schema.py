"""Write the JSON schema of configuration files into docs/."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.configuration.schema import schema


class Command(BaseCommand):
    help = "Write docs/configuration.schema.json, the JSON schema of configuration files."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "configuration.schema.json"
        path.write_text(schema_text(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}.")


def schema_text() -> str:
    """Return the schema as text. The text depends on the code only, so a test can compare it with the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
