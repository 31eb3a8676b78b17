"""List all organizations, each with the host identities that the operator allows for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants import selectors
from tenants.azure import host_identities
from tenants.models import Organization
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "List the ids of the organizations, and the entries of the file SURETY_HOST_IDENTITIES with their problems."
        " Run the command as the user of the workers. Only then does the command show whether the workers can"
        " read the token files."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if problem := host_identities.problem():
            raise CommandError(problem)
        for organization_id in selectors.organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
            self.stdout.write(f"{organization_id}  {organization.name}")
            identities = [
                *host_identities.of_customers(organization_id),
                *host_identities.of_organization(organization_id),
            ]
            for identity in identities:
                missing = identity.token_file and not _is_readable(identity.token_file)
                state = f"  {identity.token_file} cannot be read" if missing else ""
                use = ", for the organization itself" if identity.for_organization else ""
                self.stdout.write(f"  {identity.label}, directory {identity.directory_id}{use}{state}")


def _is_readable(path: str) -> bool:
    return Path(path).is_file() and os.access(path, os.R_OK)
