"""Define `Trust`: the accepted certificates and the records of reports with which a signed file is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from portal.reports.keys.signing_identity import common_name, fingerprint
from portal.reports.signatures.profile import SignatureProfile
from portal.reports.signatures.visible import visible


@dataclass(frozen=True, slots=True)
class SignedFile:
    """The record of a signed report: its id and level, and the file's SHA-256 (hex).

    `kind` is “report”, or “erasure” for a certificate of erasure.
    """

    report: str
    sha256: str
    level: str
    kind: str = "report"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A valid time stamp: its time, the name of its authority, and the fingerprints of its chain."""

    at: datetime
    authority: str
    certificates: tuple[str, ...]


def no_record(_: str) -> SignedFile | None:
    """Return None, which means that there is no record of the file or report."""
    return None


@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates and records with which a file is compared.

    - `certificates` are the SHA-256 fingerprints of the signing certificates that are accepted.
    - `distrusted` is {fingerprint: time since which the certificate is distrusted}. It has the certificates of
      signers and time-stamp authorities that are no longer accepted.
    - `unread` is the reason why further certificates and records could not be read. It is empty if all were read.
    - `by_file` returns the record for a file's SHA-256. `by_report` returns the record for a report's id.
    - `time_stamp_authorities` are certificate fingerprints of authorities whose archive time stamps are accepted. The
      authorities that were recorded when the report was signed are also accepted.
    - `has_records` is True if the data come from an installation. Then the records must contain each report of the
      installation.
    - `without_certificates` is the sentence that says why there are no `certificates`. `advice` is the end of a
      sentence: what people can do if they trust a fingerprint.
    """

    certificates: frozenset[str] = frozenset()
    distrusted: Mapping[str, datetime] = field(default_factory=dict)
    unread: str = ""
    time_stamp_authorities: frozenset[str] = frozenset()
    by_file: Callable[[str], SignedFile | None] = no_record
    by_report: Callable[[str], SignedFile | None] = no_record
    has_records: bool = False
    without_certificates: str = "This installation knows no certificate to compare with."
    advice: str = "verify the file with “manage.py verify_report FILE --fingerprint SHA256”"


def given_trust(certificates: Iterable[str], authorities: Iterable[str]) -> Trust:
    """Return the `Trust` for a program that runs without an installation.

    The person who runs the program gives it the fingerprints of signers and of time-stamp authorities.
    """
    return Trust(
        certificates=frozenset(certificates),
        time_stamp_authorities=frozenset(authorities),
        without_certificates="No fingerprint was given.",
        advice="repeat the command with “--fingerprint SHA256”",
    )


def signer_problem(certificate: x509.Certificate, trust: Trust) -> str:
    """Return why reports of this signer are refused, or an empty string."""
    own = fingerprint(certificate)
    if own in trust.distrusted:
        return (
            f"Since {trust.distrusted[own]:%Y-%m-%d}, this installation no longer trusts the certificate of"
            f" “{common_name(certificate)}”. Ask for a new report."
        )
    if own in trust.certificates or not trust.certificates or trust.unread:
        return ""
    return (
        f"The certificate of the signer “{common_name(certificate)}” (SHA-256 {own}) is not one of the certificates"
        f" expected here. If you trust this certificate, {trust.advice}."
    )


def stamp_problem(stamps: Sequence[Stamp], trust: Trust) -> str:
    """Return why a time stamp of a distrusted authority is refused, or an empty string.

    `stamps` are in the order in which they were made. A stamp of a distrusted authority is still accepted under one
    condition: before that authority was distrusted, an authority that is still trusted made an archive time stamp that
    covers the stamp.
    """
    for number, stamp in enumerate(stamps):
        since = _distrusted_since(stamp, trust)
        if since is None:
            continue
        later = stamps[number + 1 :]
        if not any(other.at < since and _distrusted_since(other, trust) is None for other in later):
            return (
                f"Since {since:%Y-%m-%d}, this installation no longer trusts the time-stamp authority"
                f" “{visible(stamp.authority)}”, so nothing proves when the report was signed. Ask for a new"
                " report."
            )
    return ""


def _distrusted_since(stamp: Stamp, trust: Trust) -> datetime | None:
    times = [trust.distrusted[own] for own in stamp.certificates if own in trust.distrusted]
    return min(times, default=None)


def unknown_signer(certificate: x509.Certificate, trust: Trust) -> str:
    """Return why Surety cannot decide whether the signer is accepted, or an empty text if Surety can decide."""
    own = fingerprint(certificate)
    if own in trust.certificates or own in trust.distrusted or (trust.certificates and not trust.unread):
        return ""
    reason = trust.unread or trust.without_certificates
    return (
        f"The file has not changed since “{common_name(certificate)}” signed it, but anybody can sign under this"
        f" name. {reason} Ask the sender of the report for the fingerprint of the signing certificate. Use"
        f" another channel than the one through which you got the report. Then {trust.advice}."
    )


def record_problem(record: SignedFile | None, profile: SignatureProfile | None, trust: Trust) -> str:
    """Return a sentence if the installation has recorded another file for the report, otherwise an empty string.

    `record` is the record of the file that is verified, or None. `profile` states the report's id.
    """
    if record is not None or profile is None or not profile.report:
        return ""
    recorded = trust.by_report(profile.report)
    if recorded is None:
        return ""
    return (
        f"The file differs from the file that was signed as report {profile.report}. For the signed file, this"
        f" installation recorded the SHA-256 {recorded.sha256}."
    )


def level_problem(record: SignedFile | None, level: str, trust: Trust) -> tuple[str, bool]:
    """Check the PAdES level of a signature that does not state its intended level.

    Only older versions of Surety made such signatures. Return two values. The first says why the level is refused or
    cannot be judged; it is empty for an accepted level. The second is True if only the installation that made the
    report can judge the level.
    """
    if record is not None:
        if level != record.level:
            return f"The report was signed as PAdES {record.level}, but the file is PAdES {level}.", False
        return "", False
    sentence = (
        "The signature does not state its intended level, so the verification cannot notice whether a time"
        " stamp was removed or added."
    )
    if trust.has_records and not trust.unread:
        return f"{sentence} This installation has no record of the file.", False
    return f"{sentence} Only the installation that made the report can verify it.", True
