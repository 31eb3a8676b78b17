"""``manage.py renew_time_stamps``: renew the archive time stamps of stored reports that end soon."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.reports.models import Report
from portal.reports.renewal import due_reports, renew
from portal.reports.renewal_failures import note_failure
from portal.reports.visible import visible
from tenants.actors import System
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids


class Command(BaseCommand):
    help = (
        "Append a new archive time stamp to each report (PAdES B-LTA) whose last one ends within"
        " SURETY_TIME_STAMP_RENEWAL_DAYS or uses an algorithm of SURETY_WEAK_TIME_STAMPS. Workers do the same every"
        " night. Exit status 1: at least one time stamp was not renewed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="list the reports that are due, and renew nothing"
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        due = [(name, report) for tenant_id in tenant_ids() for name, report in _due(tenant_id)]
        failed, by = 0, System(f"operator {getpass.getuser()}")
        for name, report in due:
            line = f"{name}, report {report.number}: ends {report.archive_until:%Y-%m-%d}, {report.archive_algorithm}"
            if dry_run:
                self.stdout.write(visible(line))
                continue
            ids = {"tenant_id": report.tenant_id, "report_id": report.pk}
            try:
                done = renew(**ids, by=by)
            except SuretyError as error:
                failed += 1
                note_failure(**ids, reason=error.message, by=by)
                self.stderr.write(visible(f"{line}: NOT renewed. {error.message}"))
            else:
                until = f"{done.archive_until:%Y-%m-%d}" if done is not None else "deleted meanwhile"
                self.stdout.write(visible(f"{line}: renewed, now ends {until}"))
        verb = "due:" if dry_run else f"renewed: {len(due) - failed} of"
        self.stdout.write(
            f"Archive time stamps {verb} {len(due)}." if due else "No archive time stamp is due."
        )
        if failed:
            sys.exit(1)


def _due(tenant_id: Any) -> list[tuple[str, Report]]:
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        return [(tenant.name, report) for report in due_reports(tenant)]
