"""Create a service account of an organization, and a token or client secret for its program."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.accounts.actions.api_tokens import MAX_DAYS, OF_THE_API
from portal.accounts.actions.service_accounts import create_service_account, possible_responsible
from portal.accounts.actions.service_credentials import create_client_secret, create_service_token
from tenants.actors import System
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.roles import SERVICE_CAPABILITIES, SERVICE_ROLES, Role
from tenants.scope import organization_scope
from tenants.selectors import organization_choices, organization_ids

OPERATOR = System("operator")


class Command(BaseCommand):
    help = (
        "Creates a service account with which a program uses the API of an organization, and a token for this account."
        " Prints the token, or with --client-secret the client id and a client secret. The token and the client secret"
        " are not shown again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organization", help="short name of the organization")
        parser.add_argument("name", help="name of the account, for example of its program")
        parser.add_argument("--purpose", required=True, help="what the program does")
        parser.add_argument(
            "--responsible",
            required=True,
            metavar="EMAIL",
            help="email address of the person who is responsible for the program",
        )
        parser.add_argument(
            "--role",
            required=True,
            choices=[str(one) for one in SERVICE_ROLES],
            help="role of the account; organization_engineer applies to all customers",
        )
        parser.add_argument(
            "--customer",
            action="append",
            metavar="SHORT_NAME",
            help="a customer in which the account has its role; give the option once for each customer",
        )
        parser.add_argument(
            "--right",
            action="append",
            choices=[str(one) for one in OF_THE_API if one in SERVICE_CAPABILITIES],
            help="a right of the token or client secret; give the option once for each right. Without this"
            " option, the token or client secret has all rights of the role, except the rights that limit"
            " its validity to 30 days: administer and register",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=90,
            help=f"days for which the token or client secret is valid, up to {MAX_DAYS}",
        )
        parser.add_argument(
            "--client-secret",
            action="store_true",
            help="print a client id and a client secret, each on its own line, instead of a token (OAuth 2.0"
            " client credentials)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for identifier in organization_ids():
            with organization_scope(identifier):
                organization = Organization.objects.get(pk=identifier)
                if organization.slug == options["organization"]:
                    self.stdout.write(_create(organization, options))
                    return
        raise CommandError(f"There is no organization “{options['organization']}”. {organization_choices()}")


@transaction.atomic
def _create(organization: Organization, options: dict[str, Any]) -> str:
    slugs = set(options["customer"] or ())
    tenants = list(Tenant.objects.filter(organization=organization, slug__in=slugs))
    if missing := sorted(slugs - {one.slug for one in tenants}):
        raise CommandError(f"{organization.name} has no customer “{missing[0]}”. Check the short name.")
    address = options["responsible"].strip().lower()
    responsible = next((one for one in possible_responsible(organization) if one.email == address), None)
    if responsible is None:
        raise CommandError(
            f"{organization.name} has no person with the address “{address}”. Check the address."
        )
    try:
        account = create_service_account(
            by=OPERATOR,
            organization=organization,
            name=options["name"],
            purpose=options["purpose"],
            responsible=responsible,
            role=Role(options["role"]),
            tenants=tenants or None,
        )
        values = {"name": account.name, "days": options["days"], "capabilities": options["right"]}
        if options["client_secret"]:
            _, secret = create_client_secret(by=OPERATOR, account=account, **values)
            text = f"{account.pk}\n{secret}"
        else:
            _, text = create_service_token(by=OPERATOR, account=account, **values)
    except SuretyError as error:
        raise CommandError(error.message) from error
    return text
