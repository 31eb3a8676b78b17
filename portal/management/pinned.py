"""Options of commands that pin the certificate of a report's signer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from django.core.management.base import CommandError, CommandParser

from portal.reports.keys.signing_identity import fingerprint
from portal.reports.signatures.visible import visible
from portal.reports.verification.fingerprint_argument import sha256_argument

UNUSABLE: Final = 2


def add_pinning_arguments(parser: CommandParser) -> None:
    """Add `--certificate` and `--fingerprint`, which can both be repeated."""
    parser.add_argument(
        "--certificate",
        type=Path,
        action="append",
        default=[],
        metavar="CERTIFICATE.pem",
        help="accept only this signer's certificate (can be repeated); no database is used then",
    )
    parser.add_argument(
        "--fingerprint",
        type=sha256_argument,
        action="append",
        default=[],
        metavar="SHA256",
        help="accept only the signer's certificate with this SHA-256 (can be repeated); no database is used then",
    )


def pinned_fingerprints(certificates: Iterable[Path], fingerprints: Iterable[str]) -> frozenset[str]:
    """Return the given fingerprints, and those of the certificates in the given files. The arguments are the values of
    `--certificate` and `--fingerprint`. Raise CommandError for an unusable file.
    """
    return frozenset({*fingerprints, *(found for path in certificates for found in _fingerprints(path))})


def _fingerprints(path: Path) -> list[str]:
    try:
        return [fingerprint(found) for found in x509.load_pem_x509_certificates(path.read_bytes())]
    except OSError as error:
        raise CommandError(
            f"{visible(str(path))} cannot be read: {error.strerror}. Check the path.", returncode=UNUSABLE
        ) from None
    except ValueError:
        raise CommandError(
            f"{visible(str(path))} contains no certificate in PEM format. Export the certificate as PEM.",
            returncode=UNUSABLE,
        ) from None
