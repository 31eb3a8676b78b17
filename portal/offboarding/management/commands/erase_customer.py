"""Request, confirm, withdraw or run the erasure of an archived customer.

An erasure needs two people: the operator, who runs this command, and an administrator of the organization.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from assessments.management.lookup import add_tenant_argument, find_tenant
from portal.offboarding.erasures.requests import request_erasure
from portal.offboarding.management.commands._erasures import ErasureCommand
from portal.offboarding.models import Erasure
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.scope import organization_scope


class Command(ErasureCommand):
    help = (
        "Request, confirm, withdraw or run the erasure of an archived customer. An erasure needs two people: the"
        " operator, who runs this command, and an administrator of the organization, who uses the page"
        " Erasures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(options["tenant"])
        try:
            with organization_scope(tenant.organization_id):
                if options["reason"] is not None:
                    row = request_erasure(
                        tenant=tenant, by=operator(), name=tenant.name, reason=options["reason"]
                    )
                    self.print_state(row)
                    return
                found = Erasure.objects.filter(subject=tenant.pk, state__in=Erasure.OPEN).first()
            self.decide(found, options)
        except SuretyError as error:
            raise CommandError(error.message) from None
