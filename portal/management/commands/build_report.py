"""``manage.py build_report SLUG FILE``: build and sign a report, and write it to a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assessments.frameworks.framework import NAMES
from assessments.management.lookup import add_tenant_argument, find_assessment, find_tenant
from portal.changes.actions.record import wait_until_recorded
from portal.files.report_files import write_report
from portal.queries.audit_room import DEFAULT_DAYS
from portal.reports.actions import build_report, read_file
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models import Report
from portal.reports.models.report import DEFAULT_FRAMEWORK
from tenants.actors import operator
from tenants.errors import NotFound
from tenants.models import Language, Paper, Tenant
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = (
        "Build and sign a report on an assessment of a customer, and write the PDF to a file. The report is also"
        " added to the customer's list of reports."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        parser.add_argument("file", type=Path, help="the PDF to write; an existing file is not overwritten")
        parser.add_argument(
            "--assessment",
            type=int,
            metavar="NUMBER",
            help="default: the newest finished assessment of all units",
        )
        kinds = "; ".join(f"{key}: {kind.name}" for key, kind in KINDS.items())
        parser.add_argument("--kind", choices=list(KINDS), default=DEFAULT_KIND, help=kinds)
        parser.add_argument(
            "--baseline",
            type=int,
            metavar="NUMBER",
            help="earlier assessment for the comparison in a change report; default: the previous finished"
            " assessment of all units",
        )
        parser.add_argument(
            "--from",
            dest="period_first",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help=f"first UTC day of a report over a period; default: {DEFAULT_DAYS} days before the last one",
        )
        parser.add_argument(
            "--to",
            dest="period_last",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="last UTC day of a report over a period; default: the day on which the assessment ended",
        )
        parser.add_argument(
            "--supersedes",
            type=int,
            metavar="NUMBER",
            help="earlier report of the same kind, which this report supersedes",
        )
        parser.add_argument("--paper", choices=Paper.values, help="default: that of the organization")
        parser.add_argument(
            "--language",
            choices=Language.values,
            help="language of the pages; default: that of the organization",
        )
        parser.add_argument(
            "--framework", default=DEFAULT_FRAMEWORK, choices=list(NAMES), help="default: %(default)s"
        )
        parser.add_argument("--classification", default="Confidential", help="default: %(default)s")
        parser.add_argument(
            "--without-names",
            action="store_true",
            help="show ids instead of the names of people, groups, applications and roles",
        )

    def handle(self, *, tenant: str, file: Path, **options: Any) -> None:
        place, by = find_tenant(tenant), operator()
        number: int | None = options["assessment"]
        baseline: int | None = options["baseline"]

        def build() -> tuple[Report, bytes | None]:
            wait_until_recorded(tenant_id=place.pk)
            with tenant_scope(place.pk):
                report = build_report(
                    tenant=place,
                    by=by,
                    assessment=None if number is None else find_assessment(place, number),
                    kind=options["kind"],
                    baseline=None if baseline is None else find_assessment(place, baseline),
                    period_first=options["period_first"],
                    period_last=options["period_last"],
                    paper=options["paper"] or "",
                    language=options["language"] or "",
                    supersedes=_report(place, options["supersedes"]),
                    framework=options["framework"],
                    classification=options["classification"],
                    without_names=options["without_names"],
                )
                return report, read_file(report=report, by=by)

        report = write_report(file, build)
        self.stdout.write(
            f"{file}: report {report.number} of {place.name} on assessment {report.assessment.number},"
            f" SHA-256 {report.sha256}"
        )


def _report(tenant: Tenant, number: int | None) -> Report | None:
    if number is None:
        return None
    found = Report.objects.filter(tenant=tenant, number=number).first()
    if found is None:
        raise NotFound(f"{tenant.name} has no report {number}.")
    return found
