"""`manage.py generate_role_docs`: write docs/roles.md from `tenants.roles`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tenants.people.role_pages import markdown


class Command(BaseCommand):
    help = "Write docs/roles.md from the roles and capabilities that the code declares."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        (Path(settings.BASE_DIR) / "docs" / "roles.md").write_text(markdown())
