"""Erase the stored names of people, groups and applications in a customer's directories."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.names import COMMAND, erase_names, has_named_operations
from assessments.management.lookup import add_tenant_argument, find_tenant
from tenants.errors import SuretyError
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = (
        "Erases the name of one person, group or application of a customer's directory, or all names. Findings then"
        " show the id. Histories of resources also show the id if an application made a change. If a person made it,"
        " histories and lists of changes show the user name until the retention period of resource versions ends."
        " Assessments do not store an erased name again. Signed reports are not changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--id", default="", help="object id in the directory")
        what.add_argument(
            "--principal-name", default="", help="user principal name, such as anna@contoso.com"
        )
        what.add_argument("--all", action="store_true", help="all names of the customer")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(options["tenant"])
        with tenant_scope(tenant.pk):
            try:
                erased = erase_names(
                    tenant=tenant,
                    by=COMMAND,
                    guid=options["id"],
                    principal_name=options["principal_name"],
                    everything=options["all"],
                )
            except SuretyError as error:
                raise CommandError(error.message) from error
            stays = has_named_operations(
                tenant=tenant, guid=options["id"], principal_name=options["principal_name"]
            )
        if stays:
            self.stderr.write(
                "User names stay in operations that Surety stored from Azure's activity log, because Surety cannot"
                " change stored operations. The histories of resources, the list of changes and exports of changes show"
                " the names until the operations are deleted, when the retention period of resource versions ends."
            )
        if not erased and not options["all"]:
            raise CommandError(
                f"{tenant.slug} has no name for this id or principal name. Check the spelling. The name may also have"
                " been erased before."
            )
        self.stdout.write(f"Erased names: {erased}.")
