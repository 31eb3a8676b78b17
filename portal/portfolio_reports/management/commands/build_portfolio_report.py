"""``manage.py build_portfolio_report ORGANIZATION FILE``: build and sign a portfolio report, and write it to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.files.report_files import write_report
from portal.portfolio_reports.actions import build_portfolio, read_file
from portal.portfolio_reports.models import PortfolioReport
from tenants.actors import operator
from tenants.errors import NotFound
from tenants.models import Language, Organization, Paper, Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_choices, organization_ids


class Command(BaseCommand):
    help = (
        "Build and sign a report on all customers of an organization, or on some of them, and write the PDF to a"
        " file. The report is also added to the organization's list of portfolio reports."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="SLUG", help="short name of the organization in its URL")
        parser.add_argument("file", type=Path, help="the PDF to write; an existing file is not overwritten")
        parser.add_argument("--label", default="", help="only customers with this label")
        parser.add_argument(
            "--customer",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this customer; can be given several times",
        )
        parser.add_argument("--paper", choices=Paper.values, help="default: that of the organization")
        parser.add_argument(
            "--language",
            choices=Language.values,
            help="language of the pages; default: that of the organization",
        )
        parser.add_argument("--classification", default="Confidential", help="default: %(default)s")
        parser.add_argument(
            "--supersedes",
            type=int,
            metavar="NUMBER",
            help="earlier portfolio report, which this report supersedes",
        )

    def handle(self, *, organization: str, file: Path, **options: Any) -> None:
        place, by = _find(organization), operator()

        def build() -> tuple[PortfolioReport, bytes | None]:
            with organization_scope(place):
                report = build_portfolio(
                    organization=place,
                    by=by,
                    label=options["label"],
                    customers=[_customer(place, slug) for slug in options["customer"]],
                    paper=options["paper"] or "",
                    language=options["language"] or "",
                    classification=options["classification"],
                    supersedes=_report(place, options["supersedes"]),
                )
                return report, read_file(report=report, by=by)

        report = write_report(file, build)
        self.stdout.write(
            f"{file}: portfolio report {report.number} of {place.name} on {len(report.customers)}"
            f" customer{'' if len(report.customers) == 1 else 's'}, SHA-256 {report.sha256}"
        )


def _find(slug: str) -> Organization:
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            if (found := Organization.objects.filter(pk=organization_id, slug=slug).first()) is not None:
                return found
    raise CommandError(f"There is no organization “{slug}”. {organization_choices()}")


def _customer(organization: Organization, slug: str) -> Any:
    found = Tenant.objects.filter(organization=organization, slug=slug).first()
    if found is None:
        raise NotFound(f"{organization.name} has no customer {slug!r}.")
    return found.pk


def _report(organization: Organization, number: int | None) -> PortfolioReport | None:
    if number is None:
        return None
    found = PortfolioReport.objects.filter(organization=organization, number=number).first()
    if found is None:
        raise NotFound(f"{organization.name} has no portfolio report {number}.")
    return found
