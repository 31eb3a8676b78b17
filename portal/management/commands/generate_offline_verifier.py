"""`manage.py generate_offline_verifier`: write the single-file verifier from the modules with which Surety verifies."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.reports.offline.bundle import PATH, single_file


class Command(BaseCommand):
    help = "Write portal/reports/offline/surety_verify.py, the verifier for machines without Surety."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        PATH.write_text(single_file())
