"""Describe a verified signature in texts: the signer's chain, the evidence about revocation, and the time stamps."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509

from portal.reports.keys.signing_identity import common_name
from portal.reports.signatures.container import SignatureContainer
from portal.reports.signatures.stamps import StampCheck
from portal.reports.signatures.visible import visible
from portal.reports.verification.archive_check import ArchiveCheck, ArchiveStamp
from portal.reports.verification.certificate_chains import ordered_chain


def chain_names(container: SignatureContainer) -> list[str]:
    """Return the names of the certificates in the signer's chain, beginning with the certificate of the signer."""
    certificates = [choice.chosen for choice in container.signed["certificates"]]
    path = ordered_chain(container.certificate, certificates)
    return [common_name(x509.load_der_x509_certificate(one.dump())) for one in path]


def revocation(archive: ArchiveCheck, at: datetime | None) -> str:
    """Return a sentence about whether the file shows that the signer's certificate was not revoked at the time `at`."""
    if not archive.level or at is None:
        return "Not checked: the file contains no valid revocation information."
    found = [
        *([f"{archive.answers} OCSP answer{'s' if archive.answers > 1 else ''}"] if archive.answers else []),
        *([f"{archive.lists} revocation list{'s' if archive.lists > 1 else ''}"] if archive.lists else []),
    ]
    if not found:
        return "Nobody can revoke the certificate, because it was not issued by an authority."
    shown = " and ".join(found)
    return f"Not revoked at {at:%Y-%m-%d %H:%M} UTC, as the file shows with {shown}."


def time_stamps(stamp: StampCheck, at: datetime | None, archive: ArchiveCheck) -> list[str]:
    """Return a line for each valid time stamp: what it covers, its time and its authority."""
    found = [f"Signature: {at:%Y-%m-%d %H:%M:%S} UTC, {visible(stamp.authority)}"] if at is not None else []
    return found + [
        f"Whole file: {one.at:%Y-%m-%d %H:%M:%S} UTC, {visible(one.authority)}" for one in archive.stamps
    ]


def archive_notes(last: ArchiveStamp) -> list[str]:
    """Return sentences that warn the reader if the last archive time stamp has expired."""
    if last.valid_until > datetime.now(UTC):
        return []
    ended = f"{last.valid_until:%Y-%m-%d}"
    return [
        f"The last archive time stamp ended on {ended}. Ask the sender for a copy with a renewed time stamp."
    ]
