"""`manage.py replace_secret SLUG CLIENT_ID`: replace the client secret of a service principal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.actions.credentials.replace_secret import replace_secret
from assessments.management.lookup import add_tenant_argument, find_tenant
from assessments.management.secret_arguments import add_secret_arguments, end_of, read_secret
from tenants.actors import operator
from tenants.errors import SuretyError
from tenants.models import ServicePrincipal
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = (
        "Replace the client secret of a customer's service principal, or replace its certificate with a secret. Signs"
        " in with the new secret first: if Entra refuses it, nothing changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_tenant_argument(parser)
        parser.add_argument("client_id", help="application ID of the service principal")
        parser.add_argument(
            "--directory",
            default="",
            help="ID of the application's directory, required if the application is registered in several"
            " directories",
        )
        add_secret_arguments(parser)

    def handle(self, *, tenant: str, client_id: str, directory: str, **options: Any) -> None:
        place = find_tenant(tenant)
        with tenant_scope(place.pk):
            rows = ServicePrincipal.objects.filter(client_id=client_id.strip().lower())
            if directory:
                rows = rows.filter(directory__directory_id=directory.strip().lower())
            found = list(rows)
        if not found:
            raise CommandError(
                f"{place.name} has no service principal with the application ID {client_id}. The service"
                " principals of the customer are listed on the page Settings."
            )
        if len(found) > 1:
            raise CommandError(
                f"{client_id} is registered in several directories. Choose one with --directory."
            )
        expires_at, secret = end_of(options["expires"]), read_secret(options["secret_file"])
        try:
            result = replace_secret(
                tenant_id=place.pk,
                service_principal_id=found[0].pk,
                by=operator(),
                secret=secret,
                expires_at=expires_at,
            )
        except SuretyError as error:
            raise CommandError(error.message) from None
        if result.error_code:
            raise CommandError(
                f"The sign-in failed, so the stored credential was not replaced. {result.error} ({result.error_code})"
            )
        seen = len(result.subscriptions or ())
        self.stdout.write(
            f"The secret of {client_id} is replaced: the sign-in succeeded, and the service principal sees"
            f" {seen} subscription{'' if seen == 1 else 's'}. Delete the old secret in Entra."
        )
