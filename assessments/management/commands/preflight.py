"""`manage.py preflight SLUG`: check the permissions of a tenant's service principals."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.credentials.preflight import run_preflight
from assessments.estate.identity.principal_roles import from_plain, role_lines
from assessments.management.lookup import add_tenant_argument, find_tenant
from assessments.permissions.grants import cloud_commands
from assessments.permissions.readiness import PreflightReport, describe_right
from tenants.actors import System
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope

BY = System("preflight")


class Command(BaseCommand):
    help = (
        "Checks what a customer's enabled service principals may read. Lists the controls that can be judged, and az"
        " commands that grant the missing permissions. Exit status 1: permissions are missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)

    def handle(self, *, tenant: str, **options: Any) -> None:
        place = find_tenant(tenant)
        with tenant_scope(place.pk):
            rows = ServicePrincipal.objects.filter(disabled_at=None).select_related("directory__tenant")
            principals = list(rows.order_by("created_at", "pk"))
            if not principals:
                raise CommandError(
                    f"{place.name} has no enabled service principal. Add one or enable one under Settings."
                )
        # Send the requests to Azure after the end of the transaction, so that no transaction stays open during the
        # requests.
        reports = [
            (p, run_preflight(by=BY, tenant_id=place.pk, service_principal_id=p.pk)) for p in principals
        ]
        missing = 0
        for principal, report in reports:
            self.stdout.write(f"{principal.directory.name}, application {report.client_id}:")
            if report.error:
                missing += 1
                self.stdout.write(f"  Could not sign in ({report.error_code}): {report.error}")
                continue
            missing += len(report.not_judged)
            self.stdout.write(
                f"  {len(report.judged)} of {len(report.controls)} controls can be judged in"
                f" {len(report.subscriptions)} subscriptions ({report.requests} requests)"
            )
            if report.excessive:
                self.stdout.write(
                    "  This service principal has too many rights. Surety needs only the role Reader, and application"
                    " permissions for reading. Remove these rights, so that a stolen credential cannot change anything:"
                )
            for subscription, right in report.excessive:
                where = f"subscription {subscription}" if subscription else "directory"
                self.stdout.write(f"    {where}: {describe_right(subscription, right)}")
            if report.unchecked:
                self.stdout.write(
                    f"  Could not read the effective permissions in {len(report.unchecked)} subscriptions. There, child"
                    " resources count as readable if their parents are readable."
                )
            self._show_roles(principal)
            self._show_not_judged(report)
            for name in report.unnamed:
                why = name.reason.label if name.reason else ""
                self.stdout.write(
                    f"  Findings show ids instead of the names of {name.what} ({name.permission}: {why})."
                    " No control needs these names."
                )
            self._show_audit_log(report)
            directory = principal.directory
            commands = [*report.commands, *report.name_commands]
            sign_in = cloud_commands(directory.cloud, directory.directory_id) if commands else []
            for line in [*sign_in, *commands]:
                self.stdout.write(line)
        if missing:
            raise CommandError(
                "Some controls cannot be judged. Correct the failed sign-ins and grant the missing permissions that are"
                " listed above, then run this command again.",
                returncode=1,
            )

    def _show_roles(self, principal: ServicePrincipal) -> None:
        with tenant_scope(principal.tenant_id):
            stored = ServicePrincipal.objects.filter(pk=principal.pk).values_list("roles", flat=True)
            roles = [from_plain(one) for one in stored if one is not None]
        if roles:
            # The command also lists missing permissions. So without this title, people could think that these roles are
            # missing.
            self.stdout.write("  Roles and permissions of the service principal:")
        for line in (line for one in roles for line in role_lines(one)):
            self.stdout.write(f"    {line}")

    def _show_not_judged(self, report: PreflightReport) -> None:
        if report.not_judged:
            self.stdout.write(
                "  Controls that cannot be judged in at least one subscription or directory, and why:"
            )
        for row in report.not_judged:
            reasons = Counter(f"{m.permission}: {m.reason.label}" for m in row.missing)
            text = "; ".join(f"{why} ({n}×)" if n > 1 else why for why, n in sorted(reasons.items()))
            self.stdout.write(f"    {row.control.slug}: {text}")

    def _show_audit_log(self, report: PreflightReport) -> None:
        row = report.audit_log
        if row is not None and row.reason is not None:
            self.stdout.write(
                f"  The audit log of the directory cannot be read ({row.permission}: {row.reason.label}), so Surety"
                " cannot say who changed objects of the directory. No control needs this log."
            )
