"""Request, confirm, withdraw, run or show the pseudonymisation of a person without access.

A pseudonymisation needs two people in each organization: the operator, who runs this command, and an administrator.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.offboarding.erasures.all_organizations import organizations_of_leaver, request_everywhere
from portal.offboarding.management.commands._erasures import ErasureCommand
from portal.offboarding.models import Erasure
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import Person
from tenants.scope import organization_scope


class Command(ErasureCommand):
    help = (
        "Request, confirm, withdraw or run the pseudonymisation of a person who no longer has access. A"
        " pseudonymisation needs two people: the operator, who runs this command, and an administrator of the"
        " organization, who uses the page Erasures. If the person had roles in several organizations, --reason"
        " requests the pseudonymisation in all of them. The pseudonymisation starts after an administrator of each"
        " organization has confirmed it. Without an option, the command prints the state in each organization."
    )
    needs_option = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="email address of the person")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError(f"No person has the email address {options['email']}. Check the address.")
        try:
            if options["reason"] is not None:
                for row in request_everywhere(person=person, by=operator(), reason=options["reason"]):
                    self.stdout.write(f"{row.organization}:")
                    self.print_state(row)
                return
            rows = self._open(person)
            if not rows:
                self.decide(None, options)
            for row in rows:
                self.stdout.write(f"{row.organization}:")
                if options["confirm"] or options["withdraw"] or options["run"]:
                    self.decide(row, options)
                else:
                    self._show(row)
        except SuretyError as error:
            raise CommandError(error.message) from None

    def _show(self, row: Erasure) -> None:
        """Print the state and, if the pseudonymisation does not start, the reason."""
        self.print_state(row)
        if row.problem:
            self.stdout.write(row.problem)

    def _open(self, person: Person) -> list[Erasure]:
        """Return the open pseudonymisations of the person, one for each organization."""
        found = []
        for place in organizations_of_leaver(person):
            with organization_scope(place):
                rows = Erasure.objects.filter(subject=person.pk, state__in=Erasure.OPEN)
                found += list(rows.select_related("organization"))
        return found
