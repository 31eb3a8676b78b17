"""`manage.py generate_request_docs`: write docs/azure-requests.md from the collections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from assessments.controls.registry import catalogue
from assessments.estate.collections import ALL
from assessments.generated_docs.request_pages import NAME, page


class Command(BaseCommand):
    help = "Write docs/azure-requests.md from the declared collections."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        text = page(ALL.values(), catalogue().values())
        (Path(settings.BASE_DIR) / "docs" / NAME).write_text(text, encoding="utf-8")
