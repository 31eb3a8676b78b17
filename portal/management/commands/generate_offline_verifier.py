"""`manage.py generate_offline_verifier`: combine the modules that verify reports into one file, which runs without
Surety.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.reports.offline.bundle import COPY, PATH, PRINTING, PRINTING_COPY, single_file


class Command(BaseCommand):
    help = (
        "Write surety_verify.py, the verifier for machines without Surety. Also copy it and pipeline_commands.py to"
        " cli/."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        text = single_file()
        for path in (PATH, COPY):
            path.write_text(text)
        PRINTING_COPY.write_text(PRINTING.read_text())
