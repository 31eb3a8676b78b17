"""`manage.py verify_journal`: verify every hash chain of the installation with its anchors."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.estate.quantities import counted
from portal.audit.chains import chains
from portal.audit.verify import Verified, verify_chain
from tenants import journal
from tenants.models import Organization
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

_HEAD = re.compile(r"((?:tenant|organization):[0-9a-f-]{36}):([0-9]{1,18}):([0-9a-f]{64})", re.IGNORECASE)


class Command(BaseCommand):
    help = (
        "Verify the journals of organizations and customers. The command computes every hash again, and compares the"
        " result with the anchored heads and their time stamps. Without a short name, the command verifies all"
        " journals. Exit statuses: 0 if all journals are intact; 1 if at least one journal is not intact; 2 if"
        " a short name matches no journal, or a head is malformed; 70 after an unexpected error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "slugs", nargs="*", help="short names of customers or organizations (default: all)"
        )
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="CHAIN:NUMBER:HASH",
            help="a head from a mail or report, which the journal must still contain; can be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads, wanted = _heads(options["head"]), set(options["slugs"])
        unknown = set(wanted)
        found: list[Verified] = []
        for organization_id in organization_ids():
            with organization_scope(organization_id):
                organization = Organization.objects.get(pk=organization_id)
                for owner, _ in chains(organization):
                    matched = {owner.slug, organization.slug} & wanted
                    unknown -= matched
                    if not wanted or matched:
                        found.append(verify_chain(owner, heads.pop(journal.chain_of(owner), [])))
                        self._print(found[-1])
        if not found and not wanted:
            raise CommandError("No organization is registered, so no journal was verified.", returncode=2)
        if not found:
            raise CommandError(
                f"No customer or organization has the short name {' or '.join(sorted(unknown))}, so no journal was"
                " verified.",
                returncode=2,
            )
        for chain in heads:
            self.stdout.write(
                f"BROKEN {chain}: this head does not belong to a verified journal. Check --head."
            )
        broken = sum(bool(one.problems) for one in found) + len(heads)
        number = counted(len(found), "journal")
        if broken:
            verb = "is" if broken == 1 else "are"
            raise CommandError(f"{broken} of {number} {verb} not intact.", returncode=1)
        self.stdout.write(f"{number} {'is' if len(found) == 1 else 'are'} intact.")
        if unknown:
            raise CommandError(
                f"No customer or organization has the short name {' or '.join(sorted(unknown))}, so not all journals"
                " were verified.",
                returncode=2,
            )

    def _print(self, one: Verified) -> None:
        state = "BROKEN" if one.problems else "intact"
        self.stdout.write(
            f"{state}  {one.owner.name}: {one.entries} entries, {one.anchors} anchors, {one.stamps} time stamps;"
            f" head {journal.chain_of(one.owner)}:{one.head.sequence}:{one.head.hash}"
        )
        for problem in one.problems:
            self.stdout.write(f"        {problem}")


def _heads(given: list[str]) -> dict[str, list[journal.Head]]:
    heads: dict[str, list[journal.Head]] = {}
    for text in given:
        match = _HEAD.fullmatch(text.strip())
        if match is None:
            raise CommandError(
                f"“{text}” is not the head of a journal. Write it as CHAIN:NUMBER:HASH, in the form that"
                " this command prints.",
                returncode=2,
            )
        heads.setdefault(match[1].lower(), []).append(journal.Head(int(match[2]), match[3].lower()))
    return heads
