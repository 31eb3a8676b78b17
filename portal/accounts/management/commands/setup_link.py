"""Print a link that registers the first organization of an empty installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portal import links
from portal.accounts.actions.first_start import LINK_MINUTES, create_link
from tenants.errors import SuretyError


class Command(BaseCommand):
    help = (
        "Prints a link that registers the first organization and its administrator. The link works once and"
        f" expires after {LINK_MINUTES} minutes. An earlier link stops working."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = create_link()
        except SuretyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(links.absolute(reverse("first-start", args=[token])))
        self.stderr.write(f"The link works only once, and expires after {LINK_MINUTES} minutes.")
