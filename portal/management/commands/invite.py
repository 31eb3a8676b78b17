"""Invite people to customers, from the command line or from a CSV file."""

from __future__ import annotations

import csv
import getpass
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.members.invite import invite_person
from tenants import selectors
from tenants.actors import Actor, System
from tenants.errors import SuretyError
from tenants.models import Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope

MAX_PROBLEMS: Final = 50
COLUMNS: Final = ("email", "role", "customers", "from", "until")


class Command(BaseCommand):
    help = (
        "Invite a person to one or several customers, or without --customer to the whole organization. One mail with"
        " one link invites to all of them. With --file, invite the people of a CSV file with the columns email, role,"
        " customers (short names separated by |, empty for the whole organization), from and until"
        " (first and last day of access, YYYY-MM-DD or empty). If"
        " a line has an error, nobody is invited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="?", default="", help="the email address")
        parser.add_argument("--role", default="", help=f"one of {', '.join(Role.values)}")
        parser.add_argument(
            "--customer", action="append", default=[], help="short name of a customer; can be repeated"
        )
        parser.add_argument(
            "--from", default="", help="first day of access, as YYYY-MM-DD; without it, at once"
        )
        parser.add_argument("--until", default="", help="last day of access, as YYYY-MM-DD")
        parser.add_argument("--file", type=Path, help="a CSV file")
        parser.add_argument(
            "--organization", default="", help="its short name, required if there are several"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["email"]) == bool(options["file"]):
            raise CommandError("Give either an email address or --file.")
        rows = _rows(options["file"]) if options["file"] else [{**options, "customers": options["customer"]}]
        by = System(f"operator {getpass.getuser()}")
        organization_id = _organization(options["organization"])
        invited: list[str] = []
        problems: list[str] = []
        with organization_scope(organization_id), transaction.atomic():
            organization = Organization.objects.get(pk=organization_id)
            for row in rows:
                try:
                    with transaction.atomic():
                        customers = _invite(organization, by, row)
                except SuretyError as error:
                    problems.append(
                        f"Line {row['line']}: {error.message}" if options["file"] else error.message
                    )
                else:
                    invited.append(f"{row['email']} is invited to {customers}.")
            if problems:
                more = [f"{len(problems) - MAX_PROBLEMS} more lines have errors."] * (
                    len(problems) > MAX_PROBLEMS
                )
                nobody = ["Nobody was invited. Correct the file, then run the command again."] * bool(
                    options["file"]
                )
                raise CommandError("\n".join([*problems[:MAX_PROBLEMS], *more, *nobody]))
        for line in (*invited, "The workers now mail the invitations."):
            self.stdout.write(line)


def _invite(organization: Organization, by: Actor, row: Mapping[str, Any]) -> str:
    tenants = []
    for slug in row["customers"]:
        tenant = Tenant.objects.filter(organization=organization, slug=slug).first()
        if tenant is None:
            raise SuretyError(
                f"There is no customer {slug}. Use the short name in the customer’s URL: /t/<short name>/."
            )
        tenants.append(tenant)
    if row["role"] not in Role.values:
        raise SuretyError(f"Unknown role “{row['role']}”. Choose one of {', '.join(Role.values)}.")
    invite_person(
        by=by,
        organization=organization,
        tenants=list(dict.fromkeys(tenants)),
        email=row["email"],
        role=Role(row["role"]),
        access_from=_moment(row["from"], time()),
        access_until=_moment(row["until"], time(23, 59, 59)),
    )
    return ", ".join(tenant.name for tenant in tenants) or organization.name


def _moment(text: str, at: time) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), at, tzinfo=UTC)
    except ValueError:
        raise SuretyError(f"“{text[:40]}” is not a day. Enter it as 2027-03-31.") from None


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{path} cannot be read as UTF-8 text. Save the file as “CSV UTF-8”.") from None
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    names = [str(name).strip().casefold() for name in reader.fieldnames or ()]
    if missing := [name for name in COLUMNS[:2] if name not in names]:
        raise CommandError(f"The file has no column “{missing[0]}”. Expected columns: {', '.join(COLUMNS)}.")
    found = []
    for line in reader:
        cells = {
            str(name).strip().casefold(): (value or "").strip()
            for name, value in line.items()
            if isinstance(name, str)
        }
        if any(cells.values()):
            words = cells.get("customers", "").split("|")
            customers = [word.strip() for word in words if word.strip()]
            found.append({"from": "", "until": "", **cells, "customers": customers, "line": reader.line_num})
    return found


def _organization(slug: str) -> Any:
    found: dict[str, Any] = {}
    for organization_id in selectors.organization_ids():
        with organization_scope(organization_id):
            found[Organization.objects.get(pk=organization_id).slug] = organization_id
    if slug:
        if slug not in found:
            raise CommandError(f"There is no organization {slug}.")
        return found[slug]
    if len(found) != 1:
        raise CommandError("Name the organization with --organization.")
    return next(iter(found.values()))
