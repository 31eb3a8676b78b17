"""Request, confirm, withdraw or run the erasure of an archived customer. The second person who decides is an
administrator.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.leaving.erasures import request_erasure
from portal.leaving.management.commands._erasures import ErasureCommand
from portal.leaving.models import Erasure
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.scope import organization_scope


class Command(ErasureCommand):
    help = (
        "Request, confirm, withdraw or run the erasure of an archived customer. Two people decide: the operator, who"
        " runs this command, and an administrator of the organization, on the page Erasures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="short name of the customer, as in /t/SHORT-NAME/")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for organization in self.organizations():
            try:
                with organization_scope(organization):
                    tenant = Tenant.objects.filter(organization=organization, slug=options["slug"]).first()
                    if tenant is None:
                        continue
                    if options["reason"] is not None:
                        row = request_erasure(
                            tenant=tenant, by=self.operator(), name=tenant.name, reason=options["reason"]
                        )
                        self.print_state(row)
                        return
                    found = Erasure.objects.filter(subject=tenant.pk, state__in=Erasure.OPEN).first()
                self.decide(found, options)
            except SuretyError as error:
                raise CommandError(error.message) from None
            return
        raise CommandError(
            f"There is no customer {options['slug']}. Use the short name in the customer's URL: /t/<short name>/."
        )
