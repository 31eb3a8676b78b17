"""Append many entries to the journal with few statements. `tenants.journal` describes the chains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery

from tenants.actors import Actor, describe
from tenants.isolation.active_scope import current
from tenants.journal import START, Head, Owner, chain_of, head, values_after
from tenants.locks import Lock, lock_all
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to append to the chain of `owner`. See `tenants.journal.record` for the other fields."""

    owner: Owner
    action: str
    target: Model | str
    details: Mapping[str, Any]


def lock_chains(owners: Iterable[Owner]) -> None:
    """Lock these chains until the transaction ends, organizations first, then customers by id. All actions that lock
    several chains use this order.
    """
    ordered = sorted(set(owners), key=lambda owner: (isinstance(owner, Tenant), owner.pk))
    lock_all(Lock.JOURNAL, [chain_of(owner) for owner in ordered])


@transaction.atomic
def record_many(*, actor: Actor, entries: Sequence[NewEntry]) -> None:
    """Append entries to their chains in the given order, as if `tenants.journal.record` were called for each entry.

    This sends one statement for every 500 entries, and a few further statements for each organization. Call it in the
    transaction of the action itself.
    """
    owners = {chain_of(entry.owner): entry.owner for entry in entries}
    lock_chains(owners.values())
    last = _heads(owners)
    name, token = describe(actor), current().token
    of_tenants: list[JournalEntry] = []
    of_organizations: list[OrganizationJournalEntry] = []
    for entry in entries:
        chain, owner = chain_of(entry.owner), entry.owner
        values = values_after(
            last[chain],
            chain=chain,
            actor=name,
            action=entry.action,
            target=entry.target,
            details={**entry.details, "api_token": token} if token else entry.details,
        )
        last[chain] = Head(values["sequence"], values["hash"])
        if isinstance(owner, Tenant):
            of_tenants.append(JournalEntry(tenant=owner, **values))
        else:
            of_organizations.append(OrganizationJournalEntry(organization=owner, **values))
    OrganizationJournalEntry.objects.bulk_create(of_organizations, batch_size=_BATCH)
    JournalEntry.objects.bulk_create(of_tenants, batch_size=_BATCH)


def _heads(owners: Mapping[str, Owner]) -> dict[str, Head]:
    """Return the last entry of each chain."""
    tenants = [owner for owner in owners.values() if isinstance(owner, Tenant)]
    found = {chain: START if isinstance(owner, Tenant) else head(owner) for chain, owner in owners.items()}
    rows = Tenant.objects.filter(pk__in=[tenant.pk for tenant in tenants])
    last = rows.annotate(last_sequence=_last("sequence"), last_hash=_last("hash"))
    by_id = {
        pk: Head(*values) for pk, *values in last.values_list("pk", "last_sequence", "last_hash") if values[0]
    }
    return found | {chain_of(tenant): by_id[tenant.pk] for tenant in tenants if tenant.pk in by_id}


def _last(field: str) -> Subquery:
    # This subquery needs no scope, because the query of `_heads` selects only tenants in the open scope.
    rows: QuerySet[JournalEntry] = JournalEntry._base_manager.filter(tenant_id=OuterRef("pk"))
    return Subquery(rows.order_by("-sequence").values(field)[:1])
