"""Gaps in words. Pure."""

from __future__ import annotations

from assessments.estate.collections import ALL
from assessments.estate.gaps import Gap, Reason


def describe_gap(gap: Gap) -> str:
    """Say why something could not be read: "Missing permission Policy.Read.All (Security defaults, 403)"."""
    known = ALL.get(gap.collection)
    status = " ".join(part for part in (str(gap.status or ""), gap.code) if part)
    details = ", ".join(part for part in (known.title if known else gap.collection, status) if part)
    return f"{_cause(gap)} ({details})"


def _cause(gap: Gap) -> str:
    if gap.reason is Reason.FORBIDDEN and gap.permission:
        return f"Missing permission {' or '.join(gap.permission.split('|'))}"
    return gap.reason.label[0].upper() + gap.reason.label[1:]
