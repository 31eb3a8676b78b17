"""`manage.py export_bundle SLUG NUMBER`: write the evidence bundle of a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.management.lookup import add_tenant_argument, find_tenant
from portal.reports.actions import read_file
from portal.reports.models import Report
from portal.reports.reperformance.bundle import NoBundle, evidence_bundle
from tenants.actors import System
from tenants.scope import tenant_scope

OPERATOR = System("operator")


class Command(BaseCommand):
    help = (
        "Write the evidence bundle of a report: a ZIP file with the signed PDF and all evidence that the report"
        " cites. With the bundle, `manage.py reperform_report` evaluates the evidence again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        parser.add_argument("report", type=int, metavar="NUMBER", help="number of the report")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="ZIP file to write")

    def handle(self, *, tenant: str, report: int, output: Path, **options: Any) -> None:
        place, by = find_tenant(tenant), OPERATOR
        with tenant_scope(place.pk):
            row = Report.objects.filter(tenant=place, number=report).select_related("tenant").first()
            if row is None or row.state != Report.State.READY:
                raise CommandError(
                    f"{place.name} has no finished report with the number {report}. Check the number."
                )
            content = read_file(report=row, by=by)
            if content is None:
                raise CommandError(
                    f"The file of report {report} is missing or was changed after it was signed. Restore the file"
                    " from a backup."
                )
            # Write to a temporary name, so that an incomplete file is never taken for the bundle.
            partial = output.with_name(output.name + ".part")
            try:
                with partial.open("wb") as file:
                    file.writelines(evidence_bundle(row, content, by))
                partial.replace(output)
            except NoBundle as error:
                partial.unlink()
                raise CommandError(error.message) from error
            except OSError as error:
                raise CommandError(
                    f"Could not write {output}: {error.strerror}. Choose another file with --output."
                ) from error
        self.stdout.write(f"Wrote the evidence bundle of report {report} of {place.name} to {output}.")
