"""Pseudonymise a person without access on the command line, together with an administrator."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.leaving.erasures import request_pseudonymisation
from portal.leaving.management.commands._erasures import ErasureCommand
from portal.leaving.models import Erasure
from tenants.errors import SuretyError
from tenants.models import Membership, Person
from tenants.scope import organization_scope


class Command(ErasureCommand):
    help = (
        "Request, confirm, withdraw or run the pseudonymisation of a person who has no access any more. Two people"
        " decide: the operator, who runs this command, and an administrator of the organization, on the page Erasures."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="email address of the person")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}. Check the address.")
        for organization in self.organizations():
            try:
                with organization_scope(organization):
                    if not Membership.objects.filter(organization=organization, person=person).exists():
                        continue
                    if options["reason"] is not None:
                        row = request_pseudonymisation(
                            organization=organization,
                            person=person,
                            by=self.operator(),
                            reason=options["reason"],
                        )
                        self.print_state(row)
                        return
                    found = Erasure.objects.filter(subject=person.pk, state__in=Erasure.OPEN).first()
                self.decide(found, options)
            except SuretyError as error:
                raise CommandError(error.message) from None
            return
        raise CommandError(f"{person} had no role in any organization.")
