"""``manage.py claim_domain``: record which organization owns a domain of email addresses, withdraw this record, or list
the owners of all domains.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.actions.domain_claims import checked_domain, claim_domain, claims, withdraw_domain
from tenants.actors import operator
from tenants.errors import SuretyError


class Command(BaseCommand):
    help = (
        "Record that an organization owns a domain of email addresses, after you have verified this outside of"
        " Surety. If the organization requires single sign-on for the domain, people with roles in several"
        " organizations must then use single sign-on, too. Without arguments, list the owners."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", nargs="?", help="for example contoso.com")
        parser.add_argument(
            "organization", nargs="?", help="short name of the organization that owns the domain"
        )
        parser.add_argument("--withdraw", action="store_true", help="remove the owner of the domain")

    def handle(self, *, domain: str | None, organization: str | None, withdraw: bool, **options: Any) -> None:
        by = operator()
        try:
            if domain is None:
                self._list()
            elif withdraw:
                row = withdraw_domain(domain=domain, by=by)
                self.stdout.write(f"{row.slug} no longer owns {checked_domain(domain)}.")
            elif organization is None:
                raise CommandError(
                    "Give the short name of the organization that owns the domain, or pass --withdraw."
                )
            else:
                self._refuse_setting(checked_domain(domain), organization)
                row = claim_domain(domain=domain, slug=organization, by=by)
                self.stdout.write(f"{row.slug} owns {checked_domain(domain)}.")
        except SuretyError as error:
            raise CommandError(error.message) from None

    def _list(self) -> None:
        found = {domain: row.slug for domain, row in claims().items()} | settings.SURETY_SSO_DOMAIN_OWNERS
        for domain, slug in sorted(found.items()):
            setting = " (SURETY_SSO_DOMAIN_OWNERS)" if domain in settings.SURETY_SSO_DOMAIN_OWNERS else ""
            self.stdout.write(f"{domain}  {slug}{setting}")
        if not found:
            self.stdout.write("No domain has an owner.")

    def _refuse_setting(self, domain: str, slug: str) -> None:
        stated = settings.SURETY_SSO_DOMAIN_OWNERS.get(domain)
        if stated is not None and stated != slug:
            raise CommandError(
                f"SURETY_SSO_DOMAIN_OWNERS states that {domain} belongs to {stated}, and the setting takes precedence."
                " Change the setting first."
            )
