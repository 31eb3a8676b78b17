"""Invite people to customers, from the command line or from a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.files.csv_input import Layout, Line, read
from portal.members.invite import invite_person
from tenants import selectors
from tenants.actions.access_periods import review_of
from tenants.actors import Actor, operator
from tenants.errors import InvalidInput, SuretyError
from tenants.models import Organization, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tenants.values.days import end_of_day, start_of_day

MAX_PROBLEMS: Final = 50
LAYOUT: Final = Layout(
    "person",
    "people",
    ("email", "role", "customers", "from", "until", "review_first", "review_last"),
    ("email", "role"),
    {"e_mail": "email", "mail": "email", "email_address": "email", "customer": "customers"},
    frozenset({"email"}),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A person to invite. `line` is the number of the line in the file, or 0 if there is no file. `problem` is an error
    in this line.
    """

    email: str
    role: str
    customers: tuple[str, ...]
    first_day: str
    last_day: str
    review_first: str
    review_last: str
    line: int = 0
    problem: str = ""


class Command(BaseCommand):
    help = (
        "Invite a person to one or several customers or, without --customer, to the whole organization. The person"
        " gets one mail with one link for all these invitations. With --file, invite the people of a CSV file."
        " Its columns are: email; role; customers (short names separated by |, empty for the whole"
        " organization); from and until (first and last day of access, YYYY-MM-DD or empty); review_first and"
        " review_last (first and last day of the records that an auditor sees). If a line has an error, nobody"
        " is invited."
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
        parser.add_argument(
            "--review-first", default="", help="first day of an auditor's review period, as YYYY-MM-DD"
        )
        parser.add_argument(
            "--review-last", default="", help="last day of an auditor's review period, as YYYY-MM-DD"
        )
        parser.add_argument("--file", type=Path, help="a CSV file")
        parser.add_argument(
            "--organization",
            default="",
            help="short name of the organization, required if there are several organizations",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["email"]) == bool(options["file"]):
            raise CommandError("Pass either an email address or --file, not both.")
        rows = _rows(options["file"]) if options["file"] else [_row_of_options(options)]
        by = operator()
        organization_id = _organization(options["organization"])
        invited: list[str] = []
        problems: list[str] = []
        seen: dict[tuple[str, UUID], int] = {}
        with organization_scope(organization_id), transaction.atomic():
            organization = Organization.objects.get(pk=organization_id)
            for row in rows:
                try:
                    with transaction.atomic():
                        customers = _invite(organization, by, row, seen)
                except SuretyError as error:
                    problems.append(f"Line {row.line}: {error.message}" if row.line else error.message)
                else:
                    invited.append(f"{row.email} is invited to {customers}.")
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
        if any(row.role == Role.APPROVER for row in rows):
            self.stdout.write(
                "The role Approver gives no rights until it is confirmed. After the person has accepted the"
                " invitation, confirm the role with manage.py confirm_role, or let an administrator confirm it"
                " on the page People."
            )


def _invite(organization: Organization, by: Actor, row: _Row, seen: dict[tuple[str, UUID], int]) -> str:
    """Invite the person of a line. Return the names of the customers, or of the organization, to which the person is
    invited.

    `seen` is {(email address, id of a customer or organization): number of the first line with both}. This function
    adds an item for each customer of the line.
    """
    if row.problem:
        raise SuretyError(row.problem)
    tenants = []
    for slug in dict.fromkeys(row.customers):
        tenant = Tenant.objects.filter(organization=organization, slug=slug).first()
        if tenant is None:
            raise SuretyError(
                f"There is no customer {slug}. Pass the short name, as in the URL of the customer's pages: /t/<short"
                " name>/."
            )
        tenants.append(tenant)
    places: list[Tenant] | list[Organization] = tenants or [organization]
    for place in places:
        first = seen.setdefault((row.email.casefold(), place.pk), row.line)
        if first != row.line:
            raise SuretyError(
                f"Line {first} already invites {row.email} to {place.name}. Remove one of the two lines, or remove"
                " the customer from one of the two lines."
            )
    if row.role not in Role.values:
        raise SuretyError(f"Unknown role “{row.role}”. Choose one of {', '.join(Role.values)}.")
    if row.role == Role.AUDITOR and not row.last_day:
        raise SuretyError(
            "The access of an auditor needs an end: enter the last day with --until, or in the column “until” of the"
            " file."
        )
    invite_person(
        by=by,
        organization=organization,
        tenants=tenants,
        email=row.email,
        role=Role(row.role),
        access_from=start_of_day(starts) if (starts := _day(row.first_day)) else None,
        access_until=end_of_day(ends) if (ends := _day(row.last_day)) else None,
        review=review_of(_day(row.review_first), _day(row.review_last)),
    )
    return ", ".join(tenant.name for tenant in tenants) or organization.name


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SuretyError(f"“{text[:40]}” is not a date. Enter a date such as 2027-03-31.") from None


def _row_of_options(options: Mapping[str, Any]) -> _Row:
    customers = tuple(options["customer"])
    first, last, review_first, review_last = (
        options[name] for name in ("from", "until", "review_first", "review_last")
    )
    return _Row(options["email"], options["role"], customers, first, last, review_first, review_last)


def _rows(path: Path) -> list[_Row]:
    """Return the people in a CSV file. If a line has an error, `problem` describes it."""
    try:
        file = read(path.read_bytes(), LAYOUT)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Check the path.") from None
    except InvalidInput as error:
        raise CommandError(f"{path}: {error.message}") from None
    return [_row(line) for line in file.lines]


def _row(line: Line) -> _Row:
    cells = {name: line.cells.get(name, "") for name in LAYOUT.columns}
    customers = tuple(filter(None, (word.strip() for word in cells["customers"].split("|"))))
    problem = line.problem or next(
        (f"The column “{name}” is empty." for name in LAYOUT.required if not cells[name]), ""
    )
    first, last, review_first, review_last = (
        cells[name] for name in ("from", "until", "review_first", "review_last")
    )
    return _Row(
        cells["email"],
        cells["role"],
        customers,
        first,
        last,
        review_first,
        review_last,
        line.number,
        problem,
    )


def _organization(slug: str) -> Any:
    found: dict[str, Any] = {}
    for organization_id in selectors.organization_ids():
        with organization_scope(organization_id):
            found[Organization.objects.get(pk=organization_id).slug] = organization_id
    if slug in found:
        return found[slug]
    if slug or not found:
        unknown = f"There is no organization “{slug}”. " if slug else ""
        raise CommandError(unknown + selectors.organization_choices())
    if len(found) > 1:
        raise CommandError("Name the organization with --organization.")
    return next(iter(found.values()))
