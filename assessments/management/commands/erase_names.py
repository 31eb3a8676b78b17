"""Erase the stored names of people, groups and applications in a customer's directories."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.actions.names import COMMAND, erase_names
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids


class Command(BaseCommand):
    help = (
        "Erases the name of one person, group or application that findings or the history of resources show, or all "
        "names of a customer. Findings and histories keep the id. Assessments do not store an erased name again. "
        "Signed reports are not changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name of the customer, as in /t/SHORT-NAME/")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--id", default="", help="object id in the directory")
        what.add_argument(
            "--principal-name", default="", help="user principal name, such as anna@contoso.com"
        )
        what.add_argument("--all", action="store_true", help="all names of the customer")

    def handle(self, *args: Any, **options: Any) -> None:
        for tenant_id in tenant_ids():
            with tenant_scope(tenant_id):
                tenant = Tenant.objects.filter(slug=options["slug"]).first()
                if tenant is None:
                    continue
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
            if not erased and not options["all"]:
                raise CommandError(
                    f"{options['slug']} has no name for this id or principal name, or the name is already erased."
                    " Check the id or principal name."
                )
            self.stdout.write(f"Erased names: {erased}.")
            return
        raise CommandError(
            f"There is no customer {options['slug']}. Use the short name in the customer's URL: /t/<short"
            " name>/."
        )
