"""``manage.py lighthouse``: list and manage an organization's own service principals and its delegated
subscriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.credentials.managing_attempts import record_sign_in, sign_in
from assessments.management.secret_arguments import add_secret_arguments, end_of, read_secret
from tenants import clouds, selectors
from tenants.actions.delegations import assign_delegations, exclude_delegations, undo_delegation_decision
from tenants.actions.managing_principals import (
    remove_managing_principal,
    set_managing_principal_enabled,
    unsaved_principal,
    validate_managing_credential,
)
from tenants.actors import System, operator
from tenants.azure.delegations import listed_delegations, with_customers
from tenants.errors import SuretyError
from tenants.models import Delegation, Directory, ManagingPrincipal, Organization
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Show or change an organization's own service principals and the subscriptions that customers delegated to its"
        " directory with Azure Lighthouse. A delegated subscription is read only after it was assigned to a customer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", metavar="COMMAND")
        commands.add_parser("list", help="list principals and delegated subscriptions (default)")
        register = self._with_principal(commands, "register", "sign in with a new principal and store it")
        register.add_argument("--name", default="")
        register.add_argument("--cloud", default="AzureCloud", choices=[*clouds.CLOUDS, clouds.CUSTOM])
        for name in ("authority", "arm", "graph", "arm-scope", "ca"):
            register.add_argument(f"--{name}", default="", help="endpoint of a custom cloud")
        replace = self._with_principal(
            commands, "replace", "sign in with a new credential of a principal and store it"
        )
        for parser_of_credential in (register, replace):
            add_secret_arguments(parser_of_credential)
            parser_of_credential.add_argument(
                "--certificate", metavar="FILE", help="PEM with certificate and private key"
            )
            parser_of_credential.add_argument(
                "--identity", metavar="NAME", help="an identity of the host: see manage.py host_identities"
            )
        for what, text in (
            ("check", "sign in now and list the delegated subscriptions"),
            ("disable", "let assessments stop using the principal"),
            ("enable", "let assessments use the principal again"),
            ("remove", "delete the principal and its credential"),
        ):
            self._with_principal(commands, what, text)
        for what, text in (
            ("assign", "assign a delegated subscription to the customer that has its home directory"),
            ("exclude", "exclude a delegated subscription"),
            ("undo", "undo the decision about a delegated subscription"),
        ):
            command = commands.add_parser(what, help=text)
            command.add_argument("organization", help="short name of the organization")
            command.add_argument("subscription", help="ID of the subscription")
            if what == "assign":
                command.add_argument(
                    "--customer",
                    default="",
                    help="short name of the customer, required if several customers have the directory",
                )
            if what == "exclude":
                command.add_argument("--reason", required=True)

    @staticmethod
    def _with_principal(commands: Any, what: str, text: str) -> Any:
        command = commands.add_parser(what, help=text)
        command.add_argument("organization", help="short name of the organization")
        command.add_argument("client_id", help="application ID of the service principal")
        command.add_argument(
            "--directory", default="", help="ID of the organization's directory", required=what == "register"
        )
        return command

    def handle(self, *args: Any, **options: Any) -> None:
        what = options["what"] or "list"
        try:
            if what == "list":
                listed = 0
                for organization_id in selectors.organization_ids():
                    with organization_scope(organization_id):
                        listed += self._list(Organization.objects.get(pk=organization_id))
                if not listed:
                    self.stdout.write("No organization has a service principal for Azure Lighthouse.")
                return
            organization = self._organization(options["organization"])
            if what in ("assign", "exclude", "undo"):
                with organization_scope(organization):
                    self._decide(organization, what, options)
            elif what in ("register", "replace", "check"):
                self._sign_in(organization, what, options)
            else:
                with organization_scope(organization):
                    self._switch(self._principal(organization, options), what)
        except SuretyError as error:
            raise CommandError(error.message) from None

    @property
    def by(self) -> System:
        """The operator who runs the command, as the actor in journal entries."""
        return operator()

    def _list(self, organization: Organization) -> int:
        """Print a line for each service principal and each delegated subscription of the organization. Return the
        number of lines."""
        listed = 0
        principals = ManagingPrincipal.objects.filter(organization=organization).defer("credential")
        for row in principals.order_by("created_at", "pk"):
            state = "disabled" if row.disabled_at else row.last_error_code or "works"
            if row.last_checked_at is None:
                state = "never checked"
            self.stdout.write(f"{organization.slug}  {row.client_id}  directory {row.directory_id}  {state}")
            listed += 1
        for one in with_customers(organization, listed_delegations(organization)):
            found = one.row.decision or "undecided"
            if one.row.tenant is not None:
                found = f"assigned to {one.row.tenant.slug}"
                found += f" (not read: {one.why_unread})" if one.why_unread else ""
            elif not one.row.decision and one.homes:
                found += f" (directory of {', '.join(home.tenant.slug for home in one.homes)})"
            found += " (only resource groups are delegated)" if one.row.is_partial else ""
            self.stdout.write(
                f"{organization.slug}  subscription {one.row.subscription_id}  {one.row}  home"
                f" directory {one.row.home_directory_id}  {found}"
            )
            listed += 1
        return listed

    def _sign_in(self, organization: Organization, what: str, options: dict[str, Any]) -> None:
        with organization_scope(organization):
            principal = (
                unsaved_principal(
                    organization=organization,
                    directory_id=options["directory"],
                    client_id=options["client_id"],
                    name=options["name"],
                    cloud=options["cloud"],
                    cloud_settings={
                        name: options[name]
                        for name in ("authority", "arm", "graph", "arm_scope", "ca")
                        if options[name]
                    },
                )
                if what == "register"
                else self._principal(organization, options)
            )
            new = None
            if what != "check":
                new = validate_managing_credential(principal, **_credential(options))
        result = sign_in(principal, new)
        record_sign_in(by=self.by, principal=principal, new=new, result=result)
        if result.error_code:
            text = "The sign-in failed" + (", so nothing was stored. " if new is not None else ". ")
            raise CommandError(f"{text}{result.error} ({result.error_code})")
        seen = [
            line
            for line in result.subscriptions or ()
            if line.home_directory_id and line.home_directory_id != principal.directory_id
        ]
        self.stdout.write(
            f"The sign-in succeeded. The service principal sees {len(seen)} delegated"
            f" subscription{'' if len(seen) == 1 else 's'}. manage.py lighthouse lists them."
        )

    def _switch(self, principal: ManagingPrincipal, what: str) -> None:
        if what == "remove":
            remove_managing_principal(by=self.by, principal=principal)
            self.stdout.write(f"Removed {principal.client_id}. Delete the application in Entra, too.")
            return
        set_managing_principal_enabled(by=self.by, principal=principal, enabled=what == "enable")
        self.stdout.write(f"{'Enabled' if what == 'enable' else 'Disabled'} {principal.client_id}.")

    def _decide(self, organization: Organization, what: str, options: dict[str, Any]) -> None:
        rows = Delegation.objects.filter(
            organization=organization, subscription_id=options["subscription"].strip().lower()
        )
        row = rows.select_related("organization", "tenant", "principal").first()
        if row is None:
            raise CommandError(
                f"{options['subscription']} is not delegated to {organization.name}. Run manage.py lighthouse check"
                " first."
            )
        if what == "exclude":
            exclude_delegations(by=self.by, organization=organization, ids=[row.pk], reason=options["reason"])
            self.stdout.write(f"Excluded {row}.")
            return
        if what == "undo":
            undo_delegation_decision(by=self.by, delegation=row)
            self.stdout.write(f"The decision to assign or exclude {row} is undone.")
            return
        home = _home(organization, row, options["customer"])
        assign_delegations(by=self.by, organization=organization, assignments={row.pk: home})
        self.stdout.write(
            f"Assigned {row} to {home.tenant.name}. The next assessment of the customer reads the"
            " subscription."
        )

    def _organization(self, slug: str) -> Organization:
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                found = Organization.objects.filter(slug=slug).first()
            if found is not None:
                return found
        raise CommandError(f"There is no organization “{slug}”. {selectors.organization_choices()}")

    def _principal(self, organization: Organization, options: dict[str, Any]) -> ManagingPrincipal:
        rows = ManagingPrincipal.objects.select_related("organization").filter(
            organization=organization, client_id=options["client_id"].strip().lower()
        )
        if options["directory"]:
            rows = rows.filter(directory_id=options["directory"].strip().lower())
        found = list(rows)
        if len(found) != 1:
            raise CommandError(
                "This application is registered for several directories. Choose one with --directory."
                if found
                else f"{organization.name} has no service principal {options['client_id']}. Run manage.py"
                " lighthouse to list the service principals."
            )
        return found[0]


def _credential(options: dict[str, Any]) -> dict[str, Any]:
    if options["identity"]:
        return {"identity": options["identity"]}
    if options["certificate"]:
        try:
            return {"certificate": Path(options["certificate"]).read_text(encoding="ascii")}
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Could not read the certificate: {error}. Check the path.") from error
    return {"secret": read_secret(options["secret_file"]), "expires_at": end_of(options["expires"])}


def _home(organization: Organization, row: Delegation, customer: str) -> Directory:
    (one,) = with_customers(organization, [row])
    homes = [home for home in one.homes if not customer or home.tenant.slug == customer]
    if len(homes) == 1:
        return homes[0]
    raise CommandError(
        "Several customers have this directory. Choose one with --customer."
        if homes
        else f"No customer{f' {customer}' if customer else ''} has the directory {row.home_directory_id}. Register a"
        " customer with this directory first."
    )
