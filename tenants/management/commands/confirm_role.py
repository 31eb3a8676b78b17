"""Confirm or refuse a waiting role if there is no second administrator: a command for the operator of the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import selectors
from tenants.actions.confirmations import decide_membership, replaced_memberships
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.ids import parse_uuid
from tenants.models import Membership, Organization
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Confirm a role that waits for a second administrator. Use this command if the organization has no second"
        " administrator. Without an id, list the waiting roles. The journals of the customer and the"
        " organization record the decision and its reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "id", nargs="?", default="", help="id of the role, as the list and the page show it"
        )
        parser.add_argument("--reason", default="", help="reason for the decision, recorded in the journal")
        parser.add_argument("--refuse", action="store_true", help="refuse the role instead of confirming it")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["id"]
        if wanted and not options["reason"].strip():
            raise CommandError("A decision needs a reason. Pass it with --reason TEXT.")
        if wanted and parse_uuid(wanted) is None:
            raise CommandError(
                f"“{wanted}” is not the id of a role. Run the command without an id to list the waiting roles."
            )
        found = 0
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                rows = list(selectors.waiting_confirmations(organization))
                replaced = replaced_memberships(rows) if rows else {}
                for row in rows:
                    if wanted and row.pk != parse_uuid(wanted):
                        continue
                    found += 1
                    self._decide(row, options) if wanted else self._show(
                        row, organization, replaced.get(row.pk)
                    )
        if wanted and not found:
            raise CommandError(f"No role with the id {wanted} waits for a second administrator.")
        if not found:
            self.stdout.write("No role waits for a second administrator.")

    def _show(self, row: Membership, organization: Organization, replaced: Membership | None) -> None:
        place = f"{row.tenant.name}, {organization.name}" if row.tenant else organization.name
        granted = row.granted_by.email if row.granted_by else "Surety"
        former = f"  replaces {replaced.get_role_display()}" if replaced else ""
        self.stdout.write(
            f"{row.pk}  {row.person.email}  {row.get_role_display()}  {place}  granted by {granted}{former}"
        )

    def _decide(self, row: Membership, options: dict[str, Any]) -> None:
        by = operator()
        try:
            decide_membership(
                by=by, membership=row, confirm=not options["refuse"], reason=options["reason"].strip()
            )
        except SuretyError as error:
            raise CommandError(error.message) from None
        done = "refused" if options["refuse"] else "confirmed"
        self.stdout.write(
            f"{row.get_role_display()} of {row.person.email} {done}. The journal records the decision."
        )
