"""Write new entries at the end of journals that an erasure has changed. The new entries list the changed entries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from portal.offboarding.models import Erasure
from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization, Tenant

PER_ENTRY: Final = 200


def record_redactions(row: Erasure, changed: Iterable[tuple[UUID, int]], by: Actor) -> None:
    """Record in each journal which of its entries were changed. Call this in the transaction that changes the entries.

    `changed` has, for each changed entry, the id of the journal's tenant or organization and the entry's sequence.
    """
    found: dict[UUID, list[int]] = {}
    for chain, sequence in changed:
        found.setdefault(chain, []).append(sequence)
    for chain in sorted(found):
        if chain == row.organization_id:
            owner: journal.Owner = Organization.objects.get(pk=chain)
        else:
            owner = Tenant.objects.get(pk=chain)
        numbers = sorted(found[chain])
        for start in range(0, len(numbers), PER_ENTRY):
            _record(row, owner, numbers[start : start + PER_ENTRY], by)


def _record(row: Erasure, owner: journal.Owner, numbers: list[int], by: Actor) -> None:
    name = journal.chain_of(owner)
    entries = journal.entries(owner).filter(sequence__in=numbers)
    listed = [[entry.sequence, entry.hash, journal.content_hash(name, entry)] for entry in entries]
    journal.record(
        tenant=owner if isinstance(owner, Tenant) else None,
        organization=owner if isinstance(owner, Organization) else None,
        actor=by,
        action="journal.redacted",
        target=f"erasure:{row.pk}",
        details={"reason": row.pk, "entries": listed},
    )
