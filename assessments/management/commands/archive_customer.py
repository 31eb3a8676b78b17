"""Archive or restore a customer on the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.archive import archive_customer
from assessments.management.lookup import add_tenant_argument, find_tenant
from tenants.actions import restore_tenant
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Archive a customer: cancel its assessment, stop its schedule and delete its service principals with their"
        " credentials. Evidence, findings and reports stay readable. --restore makes the customer active again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--reason", default="", help="why the customer is archived; its pages show the reason"
        )
        what.add_argument("--restore", action="store_true", help="restore an archived customer")

    def handle(self, *args: Any, **options: Any) -> None:
        by = operator()
        tenant = find_tenant(options["tenant"])
        with organization_scope(tenant.organization_id):
            try:
                if options["restore"]:
                    restore_tenant(by=by, tenant=tenant)
                else:
                    archive_customer(tenant=tenant, by=by, reason=options["reason"])
            except SuretyError as error:
                raise CommandError(error.message) from None
        done = (
            "restored. Register a service principal to assess it again."
            if options["restore"]
            else "archived."
        )
        self.stdout.write(f"{tenant.name} is {done}")
