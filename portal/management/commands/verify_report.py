"""``manage.py verify_report FILE``: verify a signed report without the network.

If a certificate or fingerprint is given, no database is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from portal.management.pinned import add_pinning_arguments, pinned_fingerprints
from portal.portfolio_reports.revocation import portfolio_anywhere, portfolio_identity
from portal.reports.journal_head import HeadComparison, compare_head, stated_head
from portal.reports.records.installation_trust import installation_trust
from portal.reports.records.register import Standing, find_by_hash
from portal.reports.records.report_identity import identity_facts, report_anywhere
from portal.reports.signatures.visible import visible
from portal.reports.verification.fingerprint_argument import sha256_argument
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import MAX_BYTES, Verdict, VerificationResult, verify_pdf
from tenants.scope import organization_scope, tenant_scope

INVALID, UNUSABLE, UNDECIDED, REVOKED, SUPERSEDED, OTHER_JOURNAL = 1, 2, 3, 4, 5, 6
STATUS: Final = {
    Verdict.VALID: 0,
    Verdict.INVALID: INVALID,
    Verdict.UNUSABLE: UNUSABLE,
    Verdict.UNDECIDED: UNDECIDED,
}
_HEADLINES: Final = {
    Verdict.VALID: "valid",
    Verdict.INVALID: "INVALID",
    Verdict.UNUSABLE: "NOT A READABLE PDF",
    Verdict.UNDECIDED: "CANNOT BE JUDGED",
}


class Command(BaseCommand):
    help = (
        "Verify that a report has not changed since it was signed. Exit statuses: 0: valid; 1: invalid; 2: the file"
        " cannot be read or is not a PDF; 3: cannot be judged, because there is no certificate to compare with; 4:"
        " valid, but revoked; 5: valid, but superseded by a newer report; 6: valid, but the stored journal no"
        " longer contains the head that the report states; 70: an unexpected error."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="path of the report")
        parser.add_argument(
            "--sha256",
            type=sha256_argument,
            metavar="SHA256",
            help="without a file: say whether this installation issued a file with this SHA-256 (exit status 1 if not)",
        )
        add_pinning_arguments(parser)

    def handle(
        self,
        *,
        file: Path | None,
        certificate: list[Path],
        fingerprint: list[str],
        sha256: str | None,
        **options: Any,
    ) -> None:
        if (file is None) == (sha256 is None):
            raise CommandError("Pass either a file or --sha256, not both.", returncode=UNUSABLE)
        if sha256 is not None:
            self._look_up(sha256)
            return
        assert file is not None
        pinned = pinned_fingerprints(certificate, fingerprint)
        try:
            with file.open("rb") as source:
                data = source.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(
                f"{visible(str(file))} cannot be read: {error.strerror}. Check the path.", returncode=UNUSABLE
            ) from None
        trust = Trust(certificates=pinned) if pinned else installation_trust()
        result = verify_pdf(data, trust)
        registered = find_by_hash(result.sha256) if result.recorded else None
        found = registered.standing if result.valid and registered is not None else Standing()
        # The lines contain names that the signer or other people chose. Such a name must not control the terminal.
        for line in [*_lines(file, result, found), *_identity(result)]:
            self.stdout.write(visible(line))
        journal = _journal(result, data)
        if journal is not None:
            self.stdout.write(f"  journal      entry {journal.head.sequence}, SHA-256 {journal.head.hash}")
            self.stdout.write(visible(f"  compared     {journal.sentence}"))
        changed = OTHER_JOURNAL if journal is not None and not journal.is_same else 0
        if status := STATUS[result.verdict] or _register_status(found) or changed:
            sys.exit(status)

    def _look_up(self, sha256: str) -> None:
        """Print whether this installation issued a file with this hash, and whether it was revoked or superseded."""
        try:
            registered = find_by_hash(sha256)
        except DatabaseError:
            raise CommandError(
                "The database with the records of issued files could not be read. Start the database, then run the"
                " command again.",
                returncode=UNDECIDED,
            ) from None
        if registered is None:
            self.stdout.write(f"{sha256}: this installation has no record of a file with this SHA-256")
            sys.exit(INVALID)
        record, found = registered.record, registered.standing
        self.stdout.write(visible(f"{sha256}: {_with_standing('issued by this installation', found)}"))
        self.stdout.write(f"  document     {record.get_kind_display().lower()}")
        self.stdout.write(f"  signed       {record.signed_at:%Y-%m-%d %H:%M:%S} UTC, PAdES {record.level}")
        for label, value in _recorded_identity(sha256):
            self.stdout.write(visible(f"  {label.lower():<12} {value}"))
        if status := _register_status(found):
            sys.exit(status)


def _register_status(found: Standing) -> int:
    return REVOKED if found.revoked_at else SUPERSEDED if found.superseded_at else 0


def _with_standing(headline: str, found: Standing) -> str:
    """Return the headline. If the report was revoked or superseded, append when and why, as in “valid, but revoked on
    2026-03-01 because: …”.
    """
    return f"{headline}, but {found.text}" if found.entered else headline


def _recorded_identity(sha256: str) -> list[tuple[str, str]]:
    """Return what this installation has recorded about the report with this hash, as pairs (label, value). Return an
    empty list if the report was deleted or is unknown.
    """
    if (report := report_anywhere(sha256)) is not None:
        return identity_facts(report)
    portfolio = portfolio_anywhere(sha256)
    return portfolio_identity(portfolio) if portfolio is not None else []


def _journal(result: VerificationResult, content: bytes) -> HeadComparison | None:
    """Compare the journal head that the report states with the stored journal, and verify all entries up to this head.

    Return None if the report is invalid, is not stored in this installation, has no head, or is too large to read.
    """
    if not (result.valid and result.recorded):
        return None
    if (report := report_anywhere(result.sha256)) is not None:
        with tenant_scope(report.tenant_id):
            head = stated_head(report, content)
            return compare_head(report.tenant, head, whole=True) if head else None
    if (portfolio := portfolio_anywhere(result.sha256)) is not None:
        with organization_scope(portfolio.organization_id):
            head = stated_head(portfolio, content)
            return compare_head(portfolio.organization, head, whole=True) if head else None
    return None


def _identity(result: VerificationResult) -> list[str]:
    """Return the lines that identify the report. The lines come from this installation's record of the report. If there
    is no record, they come from the file.
    """
    recorded = _recorded_identity(result.sha256) if result.recorded else []
    if recorded:
        return [f"  {label.lower():<12} {value}" for label, value in recorded]
    stated = (("title", result.title), ("subject", result.subject))
    return [f"  {label:<12} {text} (stated by the file)" for label, text in stated if text]


def _lines(file: Path, result: VerificationResult, found: Standing) -> list[str]:
    lines = [f"{file}: {_with_standing(_HEADLINES[result.verdict], found)}"]
    lines += [f"  - {problem}" for problem in result.problems]
    if result.signer:
        kind = " (self-signed certificate, for demonstration only)" if result.self_signed else ""
        lines.append(f"  signer       {result.signer}{kind}")
        lines.append(f"  certificate  SHA-256 {result.fingerprint}")
        when = f"{result.signed_at:%Y-%m-%d %H:%M:%S %Z}" if result.signed_at else "time not stated"
        lines.append(f"  signed       {when}, PAdES {result.level}")
        lines += [f"  time stamp   {text}" for text in result.time_stamps]
        if result.valid_until:
            lines.append(f"  renewal      the last time stamp’s certificates end on {result.valid_until}")
        lines.append(f"  chain        {', '.join(result.chain)}")
        lines.append(f"  revocation   {result.revocation}")
        lines.append(f"  whole file   {result.coverage}")
    if result.inspected:
        lines.append(
            f"  changes      {'none permitted (DocMDP, P=1)' if result.certified else 'permissions not stated'}"
        )
        lines.append(f"  attachments  {', '.join(result.attachments) or 'none'}")
    lines.append(f"  file         SHA-256 {result.sha256}")
    if result.kind == "erasure":
        lines.append("  kind         certificate of erasure")
    if result.recorded:
        lines.append("  record       this installation recorded the same SHA-256 when it signed the report")
    lines += [f"  note         {note}" for note in result.notes]
    return lines
