"""`manage.py generate_request_docs`: write docs/azure-requests.md, and the permissions in
docs/operations/service-principals.md, from the collections.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from assessments.controls.registry import catalogue
from assessments.estate.collections import ALL
from assessments.generated_docs import permission_parts, request_pages


class Command(BaseCommand):
    help = "Write the requests and permissions of the declared collections to docs/."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        docs = Path(settings.BASE_DIR) / "docs"
        text = request_pages.page(ALL.values(), catalogue().values())
        (docs / request_pages.NAME).write_text(text, encoding="utf-8")
        page = docs / permission_parts.NAME
        text = permission_parts.with_permissions(page.read_text(encoding="utf-8"), ALL.values())
        page.write_text(text, encoding="utf-8")
