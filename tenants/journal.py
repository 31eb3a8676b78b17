"""The tamper-evident log of who did what: one hash chain a tenant, one an organization.

An entry's hash is the SHA-256, in lower-case hex, of this JSON in UTF-8 with sorted keys and no blanks:

    {"action", "actor", "at", "chain", "details", "previous_hash", "sequence", "target"}

`chain` is `tenant:<id>` or `organization:<id>`, `at` is UTC as 2026-11-25T12:00:00.000000Z, `sequence` counts
from 1, and the first `previous_hash` is 64 zeros. Details hold text, whole numbers, booleans, null, lists and
objects: no fractions, whose spelling the database may change.

Entries can be neither changed nor deleted (a trigger), and who gets past that breaks the chain. Cutting off
the end leaves a shorter chain that is whole: give `verify` a head that was printed elsewhere, as reports do.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from tenants.actors import Actor, describe
from tenants.locks import Lock, lock
from tenants.models import JournalEntry, Organization, OrganizationJournalEntry, Tenant

GENESIS = "0" * 64
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)
_FIELDS = ("sequence", "at", "actor", "action", "target", "details", "previous_hash")

type Owner = Tenant | Organization
type Entry = JournalEntry | OrganizationJournalEntry


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain; sequence 0 and zeros for an empty one."""

    sequence: int
    hash: str


START = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a chain. `code`: missing, broken_link, changed, cut."""

    sequence: int
    code: str
    message: str


def record(
    *,
    actor: Actor,
    action: str,
    target: Model | str,
    details: Mapping[str, Any] | None = None,
    tenant: Tenant | None = None,
    organization: Organization | None = None,
) -> Entry:
    """Append an entry to the chain of the tenant, or of the organization as a whole (exactly one is given).

    `action` is a slug such as `service_principal.added`, `target` the object or its description. Belongs into
    the transaction of the action itself; concurrent writers to one chain wait for each other until its end.
    """
    owner: Owner | None = tenant or organization
    if owner is None or (tenant is not None and organization is not None):
        raise TypeError("A journal entry belongs to a tenant or to an organization: give exactly one.")
    chain = chain_of(owner)
    with transaction.atomic():
        lock(Lock.JOURNAL, chain)
        before = head(owner)
        values: dict[str, Any] = {
            "sequence": before.sequence + 1,
            "at": timezone.now(),
            "actor": _text(describe(actor)),
            "action": action,
            "target": _text(target if isinstance(target, str) else target_of(target)),
            "details": _plain(dict(details or {}), "details"),
            "previous_hash": before.hash,
        }
        values["hash"] = entry_hash(chain, **values)
        if isinstance(owner, Tenant):
            return JournalEntry.objects.create(tenant=owner, **values)
        return OrganizationJournalEntry.objects.create(organization=owner, **values)


def chain_of(owner: Owner) -> str:
    """The chain's name, which is part of every hash in it."""
    return f"{'tenant' if isinstance(owner, Tenant) else 'organization'}:{owner.pk}"


def target_of(instance: Model) -> str:
    """How the journal names an object: `<kind>:<id> <its name>`."""
    return f"{instance._meta.model_name}:{instance.pk} {instance}"[:500]


def entry_hash(
    chain: str,
    *,
    sequence: int,
    at: datetime,
    actor: str,
    action: str,
    target: str,
    details: Any,
    previous_hash: str,
) -> str:
    """The hash of one entry, as described above."""
    content = _content(
        chain,
        sequence=sequence,
        at=at,
        actor=actor,
        action=action,
        target=target,
        details=details,
        previous_hash=previous_hash,
    )
    return hashlib.sha256(written(content).encode()).hexdigest()


def hashed(chain: str, entry: Entry) -> dict[str, Any]:
    """What the hash of an entry is made of."""
    return _content(chain, **{name: getattr(entry, name) for name in _FIELDS})


def written(content: Mapping[str, Any]) -> str:
    """The JSON as described above."""
    return _CANONICAL.encode(content)


def _content(
    chain: str,
    *,
    sequence: int,
    at: datetime,
    actor: str,
    action: str,
    target: str,
    details: Any,
    previous_hash: str,
) -> dict[str, Any]:
    return {
        "action": action,
        "actor": actor,
        "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "chain": chain,
        "details": details,
        "previous_hash": previous_hash,
        "sequence": sequence,
        "target": target,
    }


def entries(owner: Owner) -> QuerySet[Any]:
    """The entries of a chain, oldest first."""
    if isinstance(owner, Tenant):
        return JournalEntry.objects.filter(tenant=owner).order_by("sequence")
    return OrganizationJournalEntry.objects.filter(organization=owner).order_by("sequence")


def head(owner: Owner) -> Head:
    """The chain's last entry, to be printed where nobody can change it."""
    last = entries(owner).order_by("-sequence").values_list("sequence", "hash").first()
    return Head(*last) if last else START


def verify(owner: Owner, expected: Head | None = None) -> list[Problem]:
    """Everything that is wrong with the chain, oldest first; empty for a chain that is whole.

    `expected` is a head seen earlier: the chain must still hold it.
    """
    problems: list[Problem] = []
    found: str | None = GENESIS if expected is not None and expected.sequence == 0 else None
    for last, wrong in follow(owner):
        problems.extend(wrong)
        if expected is not None and last.sequence == expected.sequence:
            found = last.hash
    if expected is not None and found != expected.hash:
        what = "is gone" if found is None else "has another hash"
        problems.append(
            Problem(expected.sequence, "cut", f"Entry {expected.sequence}, once the last, {what}.")
        )
    return problems


def follow(
    owner: Owner, after: Head = START, *, through: int | None = None, most: int | None = None
) -> Iterator[tuple[Head, list[Problem]]]:
    """Recompute the entries that come after a head (so far verified): each one's own head, and what is wrong.

    Not beyond number `through`, and no more than `most` of them: a long chain can be verified in steps. In
    bounded memory.
    """
    chain, last = chain_of(owner), after
    rows = entries(owner).filter(sequence__gt=after.sequence)
    if through is not None:
        rows = rows.filter(sequence__lte=through)
    # As plain tuples: making objects of them would take as long as all the hashing.
    for entry in rows.values_list(*_FIELDS, "hash", named=True)[:most].iterator(chunk_size=2000):
        wrong = list(_problems(chain, entry, last))
        last = Head(entry.sequence, entry.hash)
        yield last, wrong


def _problems(chain: str, entry: Entry, last: Head) -> Iterator[Problem]:
    number = entry.sequence
    if number != last.sequence + 1:
        yield Problem(number, "missing", f"Entries {last.sequence + 1} to {number - 1} are missing.")
    elif entry.previous_hash != last.hash:
        yield Problem(number, "broken_link", f"Entry {number} does not follow on the entry before it.")
    if entry.hash != hashlib.sha256(written(hashed(chain, entry)).encode()).hexdigest():
        yield Problem(number, "changed", f"Entry {number} was changed after it was written.")


def _text(value: str) -> str:
    """`value` as PostgreSQL can keep it: NUL and lone surrogates become U+FFFD."""
    return value.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(value: Any, place: str) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_plain(item, f"{place}[{index}]") for index, item in enumerate(items)]
    raise TypeError(f"{place} of a journal entry cannot hold a {type(value).__name__}.")
