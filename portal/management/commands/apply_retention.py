"""Delete old data now, or show what would be deleted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.management.lookup import find_tenant
from portal.accounts.actions.ended_sessions import SESSIONS, delete_ended_sessions, preview_ended_sessions
from portal.retention.actions.runs import RUN_KINDS, carry_out, request_run
from portal.retention.kinds import KINDS, REASONS
from portal.retention.models import RetentionRun
from portal.retention.selectors import hold_of, organization_days
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope, tenant_scope
from tenants.selectors import organization_ids, tenant_ids


class Command(BaseCommand):
    help = (
        "For each customer, delete data that is older than the retention policy permits. Also delete ended sessions"
        " whose retention period is over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would be deleted; delete nothing"
        )
        parser.add_argument(
            "--customer", metavar="SLUG", help="only this customer: the short name in /t/SLUG/"
        )
        parser.add_argument("--kind", choices=[*RUN_KINDS, SESSIONS], help="only this kind of data")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kind"] == SESSIONS and options["customer"]:
            raise CommandError(
                "Sessions belong to people, not to a customer, so they cannot be deleted for one"
                " customer. Leave out --customer."
            )
        if options["kind"] in (None, SESSIONS) and not options["customer"]:
            self._sessions(dry_run=options["dry_run"])
        kinds = [options["kind"]] if options["kind"] else list(RUN_KINDS)
        if kinds == [SESSIONS]:
            return
        if options["customer"]:
            find_tenant(options["customer"])  # Raise CommandError for an unknown customer.
        failed = False
        for tenant_id in tenant_ids():
            with tenant_scope(tenant_id):
                tenant = Tenant.objects.get(pk=tenant_id)
                if options["customer"] not in (None, tenant.slug):
                    continue
                hold = hold_of(tenant)
            if hold is not None and not options["dry_run"]:
                self.stdout.write(f"{tenant.slug}: on legal hold ({hold.reason}). Nothing was deleted.")
                continue
            failed |= not self._run(tenant, kinds, dry_run=options["dry_run"])
        if failed:
            raise CommandError("Some data could not be deleted. The messages above state the reasons.")

    def _sessions(self, *, dry_run: bool) -> None:
        """Delete ended sessions whose retention period is over; a dry run only prints their number by organization."""
        label = KINDS[SESSIONS].label
        if not dry_run:
            number = delete_ended_sessions(by=operator())
            self.stdout.write(f"{label}: {number} deleted")
            return
        for organization_id in organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                days = organization_days(organization_id, [SESSIONS])[SESSIONS]
            number = preview_ended_sessions(organization, days)
            self.stdout.write(f"{organization.slug}: {label}: {number} would be deleted")

    def _run(self, tenant: Tenant, kinds: list[str], *, dry_run: bool) -> bool:
        """Carry out one retention run in this process, and print its results. Return whether the run finished."""
        try:
            with tenant_scope(tenant.pk):
                by = operator()
                run = request_run(tenant=tenant, by=by, dry_run=dry_run, kinds=kinds, send=False)
        except SuretyError as error:
            self.stderr.write(f"{tenant.slug}: {error.message}")
            return False
        carry_out(tenant_id=tenant.pk, run_id=run.pk)
        with tenant_scope(tenant.pk):
            run = RetentionRun.objects.get(pk=run.pk)
        word = "would be deleted" if dry_run else "deleted"
        for key in kinds:
            result = run.results.get(key)
            if result is None:
                continue
            if result["before"] is None:
                self.stdout.write(f"{tenant.slug}: {KINDS[key].label}: kept without limit")
                continue
            kept = ", ".join(
                f"{number} ({REASONS[reason].label.lower()})" for reason, number in result["kept"].items()
            )
            self.stdout.write(
                f"{tenant.slug}: {KINDS[key].label} before {result['before'][:10]}: {result['rows']} {word}"
                f" ({result['bytes']} bytes){f'; older, but kept: {kept}' if kept else ''}"
            )
        if run.state != RetentionRun.State.DONE:
            self.stderr.write(f"{tenant.slug}: {run.error or run.get_state_display()}")
        return run.state == RetentionRun.State.DONE
