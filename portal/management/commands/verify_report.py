"""``manage.py verify_report FILE``: verify a signed report, without a database and without the network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.reports.verify import MAX_BYTES, VerificationResult, verify_pdf

INVALID, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Verify that a report is unchanged since it was signed. Exit status: 0 if it is valid, 1 if it is invalid, "
        "2 if the file cannot be read or is not a PDF."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="path of the report")
        parser.add_argument(
            "--certificate",
            type=Path,
            action="append",
            default=[],
            metavar="CERTIFICATE.pem",
            help="certificate of an accepted signer (can be repeated); default: those this installation has used",
        )

    def handle(self, *, file: Path, certificate: list[Path], **options: Any) -> None:
        expected = [found for path in certificate for found in _certificates(path)] or None
        try:
            with file.open("rb") as source:
                data = source.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=UNUSABLE) from None
        result = verify_pdf(data, expected=expected)
        for line in _lines(file, result):
            self.stdout.write(line)
        if not result.valid:
            sys.exit(UNUSABLE if result.unusable else INVALID)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=UNUSABLE) from None
    except ValueError:
        raise CommandError(f"{path} has no certificate in PEM format.", returncode=UNUSABLE) from None


def _lines(file: Path, result: VerificationResult) -> list[str]:
    lines = [f"{file}: {'valid' if result.valid else 'INVALID'}"]
    lines += [f"  - {problem}" for problem in result.problems]
    if result.signer:
        kind = " (self-signed certificate, for demonstration only)" if result.self_signed else ""
        lines.append(f"  signer       {result.signer}{kind}")
        lines.append(f"  certificate  SHA-256 {result.fingerprint}")
        when = f"{result.signed_at:%Y-%m-%d %H:%M:%S %Z}" if result.signed_at else "time not stated"
        lines.append(f"  signed       {when}, PAdES {result.level}")
        lines.append(f"  whole file   {'covered' if result.covers_whole_file else 'NOT covered'}")
    if not result.unusable:
        lines.append(f"  attachments  {', '.join(result.attachments) or 'none'}")
    lines.append(f"  file         SHA-256 {result.sha256}")
    lines += [f"  note         {note}" for note in result.notes]
    return lines
