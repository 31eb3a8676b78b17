"""Register an organization and its first administrator."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.actions.first_start import create_organization
from tenants.actors import System
from tenants.errors import SuretyError
from tenants.models import Person

OPERATOR = System("operator")


class Command(BaseCommand):
    help = (
        "Registers an organization and its first administrator. Asks for the password of a new account, or reads"
        " the password from a file. If the address already has an account, its name and password do not change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="name of the organization")
        parser.add_argument("--administrator", required=True, metavar="EMAIL", help="email address")
        parser.add_argument("--administrator-name", default="", metavar="NAME", help="name of a new account")
        parser.add_argument(
            "--password-file",
            metavar="FILE",
            help="file whose first line is the password; - for standard input",
        )

        parser.add_argument(
            "--erasure-wait",
            type=int,
            metavar="HOURS",
            help="hours between the confirmation of an erasure and its start, from 0 to 720; 24 if not given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["administrator"].strip().lower()
        has_account = Person.objects.filter(email=email).exists()
        password = "" if has_account else self._password(options["password_file"])
        try:
            organization, person = create_organization(
                by=OPERATOR,
                organization=options["name"],
                email=email,
                name="" if has_account else options["administrator_name"],
                password=password,
                erasure_wait_hours=options["erasure_wait"],
            )
        except SuretyError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Registered {organization.name} with its administrator {person.email}.")

    def _password(self, source: str | None) -> str:
        if source is None:
            if not sys.stdin.isatty():
                raise CommandError(
                    "There is no terminal to ask for the password. Pass --password-file FILE, or --password-file - to"
                    " read standard input."
                )
            password = getpass("Password of the new account: ")
            if getpass("The same password again: ") != password:
                raise CommandError("The two passwords differ. Nothing was registered. Run the command again.")
            return password
        if source == "-":
            return sys.stdin.readline().rstrip("\r\n")
        try:
            return (Path(source).read_text(encoding="utf-8").splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"Could not read the password from {source}: {error}. Check the path and its permissions."
            ) from error
