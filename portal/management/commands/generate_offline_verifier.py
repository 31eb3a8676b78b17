"""`manage.py generate_offline_verifier`: write the verifier of reports as a single file, made from Surety's own
modules.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.reports.offline.bundle import COPY, PATH, PRINTING, PRINTING_COPY, single_file


class Command(BaseCommand):
    help = "Write surety_verify.py, the verifier for machines without Surety, and the copies in cli/."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        text = single_file()
        for path in (PATH, COPY):
            path.write_text(text)
        PRINTING_COPY.write_text(PRINTING.read_text())
