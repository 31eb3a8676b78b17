"""What pages say about an archive time stamp that could not be renewed."""

from __future__ import annotations

from django.utils import timezone

from portal.reports.signed_build import SignedBuild


def renewal_problem(row: SignedBuild) -> str:
    """Return why the archive time stamp was not renewed, as a sentence; empty if nothing is wrong."""
    if row.renewal_failed_at is None or row.archive_until is None:
        return ""
    verb = "ended" if row.archive_until <= timezone.now() else "ends"
    tried = f"{row.renewal_failed_at:%Y-%m-%d}"
    return (
        f"The archive time stamp {verb} on {row.archive_until:%Y-%m-%d} and could not be renewed on {tried}."
        f" {row.renewal_error}"
    )
