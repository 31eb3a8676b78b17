"""Describe the checks of a report's file, one check per line. Each line has the result of a check, and details for the
reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from portal.reports.journal_head import HeadComparison
from portal.reports.verification.archive_check import ARCHIVED
from portal.reports.verification.verify import VerificationResult


class Check(NamedTuple):
    """A check of a report's file, shown as one line. `role` is pass, warn or fail."""

    role: str
    title: str
    detail: str = ""


def checks(
    result: VerificationResult, edition: Mapping[str, Any] | None, journal: HeadComparison | None = None
) -> Iterable[Check]:
    """Return the checks of a file. `edition` is the report's content, and `journal` is the comparison of the report's
    journal head with the stored journal. If one of these two is given, it adds further checks.
    """
    if not result.valid:
        yield from (Check("fail", problem) for problem in result.problems)
        return
    added = "Only validation data and time stamps were added after signing"
    unchanged = "No byte was added or changed after signing"
    archived = result.intended_level in ARCHIVED
    yield Check("pass", "Covers the whole file", added if archived else unchanged)
    if result.recorded:
        yield Check("pass", "Recorded by Surety", "The record has the same SHA-256")
    certificate = (
        "Self-signed certificate, for demonstration only" if result.self_signed else "Known certificate"
    )
    yield Check("warn" if result.self_signed else "pass", f"Signed by {result.signer}", certificate)
    if result.authority:
        yield Check(
            "pass", f"Time stamp: {_time(result.signed_at)}", f"By {result.authority}, PAdES {result.level}"
        )
    else:
        yield Check(
            "warn",
            f"Signed {_time(result.signed_at)}",
            f"According to the signer’s clock, because the signature (PAdES {result.level}) has no time stamp",
        )
    if archived:
        yield Check("pass", "Certificates were not revoked", result.revocation)
    if result.valid_until:
        yield Check("pass", f"Archive time stamp valid until {result.valid_until}", result.time_stamps[-1])
    if journal is not None:
        yield journal_check(journal)
    if edition is None:
        return
    evidence, unknown, incomplete = (
        edition["integrity"]["evidence_items"],
        edition["unknown"],
        edition["incomplete"],
    )
    names = ("evidence-manifest.json", "results.json")
    if all(name in result.attachments for name in names):
        documents = f"{evidence} piece{'' if evidence == 1 else 's'} of evidence"
        yield Check(
            "pass", f"Manifest lists {documents}", "The evidence manifest and the results are inside the file"
        )
    if unknown:
        places = "subscription or directory" if incomplete == 1 else "subscriptions or directories"
        yield Check(
            "warn",
            f"{unknown} verdict{'' if unknown == 1 else 's'} unknown",
            f"{incomplete} {places} not read completely" if incomplete else "Never counted as passing",
        )


def journal_check(journal: HeadComparison) -> Check:
    """Return the line that compares the report with the journal."""
    if journal.is_same:
        return Check(
            "pass", "The stored journal contains the journal head that the report states", journal.sentence
        )
    return Check(
        "fail", "The stored journal does not match the journal head that the report states", journal.sentence
    )


def _time(moment: datetime | None) -> str:
    return (
        f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        if moment
        else "at a time that the file does not state"
    )
