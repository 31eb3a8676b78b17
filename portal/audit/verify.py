"""Verify chains and their anchors, for `manage.py verify_journal` and the journal's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from portal.audit import heads
from portal.audit.models import Anchor
from portal.reports import time_stamps
from tenants import journal
from tenants.journal import Owner
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Verified:
    """The result for one chain: its entries, its head, and all problems in words."""

    owner: Owner
    entries: int
    head: journal.Head
    problems: tuple[str, ...]
    anchors: int
    stamps: int


def anchors_of(owner: Owner) -> QuerySet[Anchor]:
    """Return the anchors of a chain, the newest first. Needs a scope that contains the chain."""
    if isinstance(owner, Tenant):
        rows = Anchor.objects.filter(tenant=owner)
    else:
        rows = Anchor.objects.filter(organization=owner, tenant__isnull=True)
    return rows.select_related("organization", "tenant").order_by("-sequence")


def verify_chain(owner: Owner, expected: Sequence[journal.Head] = ()) -> Verified:
    """Recompute all hashes and compare them with the anchors and with heads from other sources."""
    anchors = list(anchors_of(owner))
    wanted = {anchor.sequence: [anchor.hash] for anchor in anchors}
    for head in expected:
        wanted.setdefault(head.sequence, []).append(head.hash)
    problems: list[str] = []
    last, entries = journal.START, 0
    for last, wrong in journal.follow(owner):
        entries += 1
        problems += [one.message for one in wrong]
        for known in wanted.pop(last.sequence, []):
            if known != last.hash:
                problems.append(f"Entry {last.sequence} has a different hash than its anchor.")
    problems += [f"Entry {number} was anchored but is missing." for number in sorted(wanted)]
    stamps = 0
    for anchor in anchors:
        if anchor.token is None:
            continue
        stamps += 1
        if reason := time_stamps.problem(bytes(anchor.token), heads.digest(anchor)):
            problems.append(f"The time stamp of entry {anchor.sequence}: {reason}")
    return Verified(owner, entries, last, tuple(problems), len(anchors), stamps)
