"""``manage.py renew_time_stamps``: renew archive time stamps of stored reports before they expire."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.portfolio_reports import renewal as portfolio
from portal.reports import renewal, renewal_failures
from portal.reports.signatures.visible import visible
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_ids, tenant_ids


@dataclass(frozen=True, slots=True)
class _Due:
    """A report whose time stamp must be renewed.

    `line` describes the report, `renew` renews the time stamp, and `note_failure` stores that the renewal failed.
    """

    line: str
    renew: Callable[..., Any]
    note_failure: Callable[..., None]


class Command(BaseCommand):
    help = (
        "Append a new archive time stamp to reports with PAdES level B-LTA. A renewal is due if the last archive time"
        " stamp ends within SURETY_TIME_STAMP_RENEWAL_DAYS days, or uses an algorithm that SURETY_WEAK_TIME_STAMPS"
        " lists. This applies to reports of customers and to portfolio reports. Workers do the same every night. Exit"
        " status 1: at least one time stamp could not be renewed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="list the reports that are due, and renew nothing"
        )

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        due = [*_of_customers(), *_of_organizations()]
        renewed, failed, by = 0, 0, operator()
        for one in due:
            if dry_run:
                self.stdout.write(visible(one.line))
                continue
            try:
                done = one.renew(by=by)
            except SuretyError as error:
                failed += 1
                one.note_failure(reason=error.message, by=by)
                self.stderr.write(visible(f"{one.line}: NOT renewed. {error.message}"))
            else:
                renewed += done is not None
                result = (
                    f"renewed, now ends {done.archive_until:%Y-%m-%d}"
                    if done is not None
                    else "not renewed, because the report was deleted meanwhile"
                )
                self.stdout.write(visible(f"{one.line}: {result}"))
        verb = "due:" if dry_run else f"renewed: {renewed} of"
        self.stdout.write(
            f"Archive time stamps {verb} {len(due)}." if due else "No archive time stamp is due."
        )
        if failed:
            sys.exit(1)


def _of_customers() -> Iterator[_Due]:
    for tenant_id in tenant_ids():
        with tenant_scope(tenant_id):
            tenant = Tenant.objects.get(pk=tenant_id)
            found = list(renewal.due_reports(tenant))
        for report in found:
            yield _Due(
                f"{tenant.name}, report {_ends(report)}",
                partial(renewal.renew, tenant_id=tenant_id, report_id=report.pk),
                partial(renewal_failures.note_failure, tenant_id=tenant_id, report_id=report.pk),
            )


def _of_organizations() -> Iterator[_Due]:
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            organization = Organization.objects.get(pk=organization_id)
            found = list(portfolio.due_reports(organization))
        for report in found:
            yield _Due(
                f"{organization.name}, portfolio report {_ends(report)}",
                partial(portfolio.renew, organization_id=organization_id, report_id=report.pk),
                partial(portfolio.note_failure, organization_id=organization_id, report_id=report.pk),
            )


def _ends(report: Any) -> str:
    return f"{report.number}: ends {report.archive_until:%Y-%m-%d}, {report.archive_algorithm}"
