"""`manage.py preflight TENANT`: which controls its service principals let be judged, and what grants the rest."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.preflight import run_preflight
from assessments.management.places import tenant_named
from tenants.actors import System
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope

BY = System("preflight")


class Command(BaseCommand):
    help = (
        "Ask what a tenant's service principals may read: which controls can be judged, and the az commands that"
        " grant the rest. Exit status 1 when something is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", metavar="TENANT_SLUG")

    def handle(self, *, tenant: str, **options: Any) -> None:
        place = tenant_named(tenant)
        with tenant_scope(place.pk):
            principals = list(ServicePrincipal.objects.select_related("directory__tenant"))
            if not principals:
                raise CommandError(f"{place.name} has no service principal yet. Register one under Settings.")
        # The scope is closed again: nothing of the database is held while Azure is asked.
        reports = [
            (p, run_preflight(by=BY, tenant_id=place.pk, service_principal_id=p.pk)) for p in principals
        ]
        lacking = 0
        for principal, report in reports:
            self.stdout.write(f"{principal.directory.name}, application {report.client_id}:")
            if report.error:
                lacking += 1
                self.stdout.write(f"  cannot sign in ({report.error_code}): {report.error}")
                continue
            lacking += len(report.not_judged)
            self.stdout.write(
                f"  {len(report.judged)} of {len(report.controls)} controls can be judged in"
                f" {len(report.subscriptions)} subscriptions ({report.requests} requests)"
            )
            if report.unchecked:
                self.stdout.write(
                    f"  the effective permissions could not be read in {len(report.unchecked)} subscriptions;"
                    " child resources count as readable there where their parents are"
                )
            for row in report.not_judged:
                reasons = Counter(f"{m.permission}: {m.reason.label}" for m in row.missing)
                text = "; ".join(f"{why} ({n}×)" if n > 1 else why for why, n in sorted(reasons.items()))
                self.stdout.write(f"  {row.control.slug}: {text}")
            for line in report.commands:
                self.stdout.write(line)
        if lacking:
            raise CommandError("Not everything can be judged; see above.", returncode=1)
