"""The base class of the commands `erase_customer` and `pseudonymise_person`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import confirm_erasure, withdraw_erasure
from portal.offboarding.models import Erasure
from tenants.actors import operator
from tenants.scope import organization_scope


class ErasureCommand(BaseCommand):
    """A command with which the operator requests, confirms, withdraws or runs an erasure."""

    needs_option = True
    """Whether one of the options is required."""

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=self.needs_option)
        what.add_argument(
            "--reason",
            help="reason for the request; an administrator then confirms the request on the page Erasures",
        )
        what.add_argument("--confirm", action="store_true", help="confirm the request of an administrator")
        what.add_argument(
            "--withdraw", action="store_true", help="withdraw the request before the erasure starts"
        )
        what.add_argument(
            "--run",
            action="store_true",
            help="carry out the request now in this process, if it is confirmed"
            " and its waiting period has ended",
        )

    def decide(self, erasure: Erasure | None, options: dict[str, Any]) -> None:
        """Confirm, withdraw or run the open erasure, and print its state. Needs no open scope."""
        if erasure is None:
            raise CommandError("No erasure has been requested yet. To request an erasure, pass --reason.")
        with organization_scope(erasure.organization_id):
            if options["confirm"]:
                confirm_erasure(erasure=erasure, by=operator())
            elif options["withdraw"]:
                withdraw_erasure(erasure=erasure, by=operator())
        if options["run"]:
            run_erasure(organization_id=erasure.organization_id, erasure_id=erasure.pk)
        with organization_scope(erasure.organization_id):
            row = Erasure.objects.get(pk=erasure.pk)
        self.print_state(row)
        if row.problem:
            raise CommandError(row.problem)

    def print_state(self, row: Erasure) -> None:
        """Print the id and the state of an erasure. If the erasure waits, also print when the erasure starts."""
        starts = (
            f", starts at {row.not_before:%Y-%m-%d %H:%M} UTC"
            if row.state == row.State.CONFIRMED and row.not_before
            else ""
        )
        self.stdout.write(f"Erasure {row.pk}: {row.get_state_display().lower()}{starts}")
