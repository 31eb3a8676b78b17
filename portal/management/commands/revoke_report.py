"""``manage.py revoke_report --sha256 HASH --reason TEXT``: revoke a signed file permanently, even if Surety no longer
stores it.
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.portfolio_reports.revocation import portfolio_anywhere, revoke_portfolio
from portal.reports.models import RegisterEntry
from portal.reports.records.revocation import revoke_by_hash
from portal.reports.signatures.visible import visible
from tenants.actors import System, operator
from tenants.errors import SuretyError
from tenants.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Permanently revoke a signed file, named by its SHA-256. The file can be a report or the certificate of an"
        " erasure. A report can also be revoked after its deletion under the retention policy, or after the erasure"
        " of its customer."
        " The Verify page and verify_report then show that the file is revoked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sha256",
            type=_sha256,
            required=True,
            metavar="SHA256",
            help="SHA-256 of the file, for example from the command sha256sum",
        )
        parser.add_argument(
            "--reason",
            required=True,
            help="everybody who verifies the file can read the reason, so do not name the customer",
        )

    def handle(self, *, sha256: str, reason: str, **options: Any) -> None:
        try:
            entry = _revoke(sha256, reason, operator())
        except SuretyError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{sha256}: revoked on {entry.entered_at:%Y-%m-%d %H:%M} UTC")


def _revoke(sha256: str, reason: str, by: System) -> RegisterEntry:
    portfolio = portfolio_anywhere(sha256)
    if portfolio is None:
        return revoke_by_hash(sha256, reason=reason, by=by)
    with organization_scope(portfolio.organization):
        return revoke_portfolio(report=portfolio, reason=reason, by=by)


def _sha256(text: str) -> str:
    digits = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ArgumentTypeError(
            f"{visible(text)} is not a SHA-256. Enter the 64 hexadecimal digits of a SHA-256."
        )
    return digits
