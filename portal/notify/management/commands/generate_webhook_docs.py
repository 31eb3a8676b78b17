"""`manage.py generate_webhook_docs`: write the table of events into docs/webhooks.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.notify.event_table import replace_event_table


class Command(BaseCommand):
    help = "Write the table of events in docs/webhooks.md from the kinds of events that the code declares."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        page = Path(settings.BASE_DIR) / "docs" / "webhooks.md"
        page.write_text(replace_event_table(page.read_text()))
