"""``manage.py signing_certificates``: list, add or distrust the certificates that verification accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import common_name, fingerprint
from portal.reports.models import KnownCertificate
from portal.reports.records.known_certificates import distrust_certificate, remember_certificate
from portal.reports.records.time_stamp_authorities import known_authorities
from tenants.errors import NotFound


class Command(BaseCommand):
    help = (
        "List the certificates of the signers and time-stamp authorities that verification accepts, add the signer"
        " of another installation, or distrust a certificate whose key was compromised."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="list all known certificates")
        add = commands.add_parser("add", help="accept reports that were signed with these certificates")
        add.add_argument("file", type=Path, metavar="CERTIFICATE.pem")
        distrust = commands.add_parser(
            "distrust", help="refuse reports or time stamps signed with a certificate"
        )
        distrust.add_argument("fingerprint", metavar="SHA256", help="as “list” prints it")

    def handle(self, *, command: str, **options: Any) -> None:
        if command == "add":
            self._add(options["file"])
        elif command == "distrust":
            self._distrust(options["fingerprint"])
        else:
            self._list()

    def _list(self) -> None:
        rows = {row.fingerprint: row for row in KnownCertificate.objects.all()}
        authorities = _authorities()
        for own, row in rows.items():
            name = common_name(x509.load_pem_x509_certificate(row.pem.encode()))
            state = f"distrusted since {row.distrusted_at:%Y-%m-%d}" if row.distrusted_at else "accepted"
            kind = "time-stamp authority" if own in authorities else "signer"
            self.stdout.write(f"{own}  {row.added_at:%Y-%m-%d}  {state}  {kind}  {name}")
        for own, certificate in authorities.items():
            if own not in rows:
                self.stdout.write(
                    f"{own}  {'':10}  accepted  time-stamp authority  {common_name(certificate)}"
                )
        if not rows:
            self.stdout.write(
                "No signing certificate is known yet. The first report adds the certificate that signs it."
            )

    def _add(self, path: Path) -> None:
        try:
            certificates = x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}. Check the path.") from None
        except ValueError:
            raise CommandError(
                f"{path} contains no certificate in PEM format. Export the certificate as PEM."
            ) from None
        for certificate in certificates:
            known = "" if remember_certificate(certificate) else " (was known already)"
            self.stdout.write(f"{fingerprint(certificate)}  {common_name(certificate)}{known}")

    def _distrust(self, sha256: str) -> None:
        own = sha256.replace(":", "").lower()
        try:
            since = distrust_certificate(own)
        except (NotFound, SigningUnavailable) as error:
            raise CommandError(error.message) from None
        advice = (
            "Configure another time-stamp authority, and rebuild the reports that are now invalid."
            if own in _authorities()
            else "Configure another signing certificate, and rebuild the reports that were signed with this one."
        )
        self.stdout.write(f"Distrusted since {since:%Y-%m-%d %H:%M} UTC. {advice}")


def _authorities() -> dict[str, x509.Certificate]:
    try:
        return known_authorities()
    except SigningUnavailable as error:
        raise CommandError(error.message) from None
