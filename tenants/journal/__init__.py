"""Write and verify the tamper-evident journal of all actions: one hash chain per tenant and one per organization.

An entry's hash is the SHA-256, in lower-case hex, of this JSON in UTF-8 with sorted keys and no spaces:

    {"action", "actor", "at", "chain", "details", "previous_hash", "sequence", "target"}

`chain` is `tenant:<id>` or `organization:<id>`, `at` is UTC as 2026-11-25T12:00:00.000000Z, and `sequence` counts from
1. The first `previous_hash` is 64 zeros. Details contain no fractional numbers, because the database may write
them differently.

Except for redaction and erasure, a trigger refuses to change or delete entries. Changes that bypass the trigger break
the chain. If only the last entries are deleted, the chain stays intact. To detect this, pass `verify` a head that was
printed elsewhere, such as in a report.

Redaction: when a customer is erased or a person is pseudonymised, text of earlier entries is removed. A redacted entry
keeps its sequence, time, action and both hashes. The details of a later entry `journal.redacted` list the redacted
entries:

    {"reason": "<erasure id>", "entries": [[sequence, hash, SHA-256 of the content that remains], ...]}

The hash of the remaining content is computed like that of an entry. A redacted entry is accepted only if a later entry
`journal.redacted` with a correct hash lists it with its hash and the hash of its present content. Entries
`journal.redacted` are never redacted themselves. If the list of an entry `journal.redacted` has another form, a trigger
refuses to store the entry, and verification reports the entry.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import batched
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from tenants.actors import Actor, describe
from tenants.isolation.active_scope import current
from tenants.isolation.built_query import BuiltQuery
from tenants.locks import Lock, lock
from tenants.models import JournalEntry, Organization, OrganizationJournalEntry, Tenant
from tenants.values.storable_text import storable_text

GENESIS = "0" * 64
REDACTED = "journal.redacted"
"""The action of journal entries that list redacted entries."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_READ_AT_ONCE: Final = 1000
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
_FIELDS = ("sequence", "at", "actor", "action", "target", "details", "previous_hash")

type Owner = Tenant | Organization
type Entry = JournalEntry | OrganizationJournalEntry


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain. An empty chain has sequence 0 and a hash of zeros."""

    sequence: int
    hash: str


START = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem at one entry of a chain. `code` is one of `missing`, `broken_link`, `changed`, `malformed`, `cut`."""

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
    """Append an entry to the chain of a tenant or of an organization. Pass exactly one of them.

    `action` is a slug such as `service_principal.added`. `target` is the object or its description. Call this in the
    transaction of the action. Until the transaction ends, other transactions that write to the chain wait. If a program
    acts, the details get `api_token`, the beginning of the program's token.
    """
    owner: Owner | None = tenant or organization
    if owner is None or (tenant is not None and organization is not None):
        raise TypeError(
            "A journal entry belongs to either a tenant or an organization, so pass exactly one of them."
        )
    chain = chain_of(owner)
    if token := current().token:
        details = {**(details or {}), "api_token": token}
    with transaction.atomic():
        lock(Lock.JOURNAL, chain)
        before = head(owner)
        values = values_after(
            before, chain=chain, actor=describe(actor), action=action, target=target, details=details or {}
        )
        if isinstance(owner, Tenant):
            return JournalEntry.objects.create(tenant=owner, **values)
        return OrganizationJournalEntry.objects.create(organization=owner, **values)


def values_after(
    before: Head, *, chain: str, actor: str, action: str, target: Model | str, details: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of the next entry of a chain, which follows the entry `before`."""
    values: dict[str, Any] = {
        "sequence": before.sequence + 1,
        "at": timezone.now(),
        "actor": storable_text(actor),
        "action": action,
        "target": storable_text(target if isinstance(target, str) else target_of(target)),
        "details": _storable(dict(details), "details"),
        "previous_hash": before.hash,
    }
    values["hash"] = entry_hash(chain, **values)
    return values


def chain_of(owner: Owner) -> str:
    """Return the name of the chain. The name is part of every hash in the chain."""
    return f"{'tenant' if isinstance(owner, Tenant) else 'organization'}:{owner.pk}"


def target_of(instance: Model) -> str:
    """Return the text with which the journal names an object: `<model>:<id> <str(object)>`."""
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
    """Return the hash of an entry, computed as the docstring of this module describes."""
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
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def hashed_content(chain: str, entry: Entry) -> dict[str, Any]:
    """Return the part of an entry that its hash covers."""
    return _content(chain, **{name: getattr(entry, name) for name in _FIELDS})


def canonical_json(content: Mapping[str, Any]) -> str:
    """Return the content as canonical JSON, in the format that the docstring of this module describes."""
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


def content_hash(chain: str, entry: Entry) -> str:
    """Return the SHA-256 of an entry's present content, which differs from its `hash` if the entry is redacted."""
    return hashlib.sha256(canonical_json(hashed_content(chain, entry)).encode()).hexdigest()


def redactions(owner: Owner) -> dict[int, list[tuple[int, str, str]]]:
    """Return {sequence of a redacted entry: its listings} from the entries `journal.redacted` whose own hash is right.

    A listing is (sequence of the entry `journal.redacted`, hash of the redacted entry, hash of its remaining content).
    An entry that was redacted several times has several listings.
    """
    chain = chain_of(owner)
    found: dict[int, list[tuple[int, str, str]]] = {}
    for row in all_entries(owner).filter(action=REDACTED):
        if content_hash(chain, row) == row.hash:
            for sequence, before, after in listed_entries(row.details) or ():
                found.setdefault(sequence, []).append((row.sequence, before, after))
    return found


def count_redacted(owner: Owner, after: int, through: int) -> int:
    """Return how many entries from number `after` + 1 to number `through` are redacted.

    An entry is redacted if an entry `journal.redacted` lists it, and its present content does not match its hash. An
    entry that is listed, but whose content was never changed, is not counted.
    """
    chain = chain_of(owner)
    listed = [number for number in redactions(owner) if after < number <= through]
    return sum(
        row.action != REDACTED and content_hash(chain, row) != row.hash
        for numbers in batched(listed, _READ_AT_ONCE)
        for row in all_entries(owner).filter(sequence__in=numbers)
    )


def redaction_of(owner: Owner, entry: Entry) -> int | None:
    """Return the number of the later entry `journal.redacted` that lists `entry` with its hash and the hash of its
    present content.

    Return None if there is no such entry. Then `entry` is unchanged, or it was changed without permission.
    """
    content = content_hash(chain_of(owner), entry)
    if content == entry.hash or entry.action == REDACTED:
        return None
    listings = redactions(owner).get(entry.sequence, ())
    return next(
        (
            number
            for number, before, after in listings
            if number > entry.sequence and (before, after) == (entry.hash, content)
        ),
        None,
    )


def listed_entries(details: Any) -> list[tuple[int, str, str]] | None:
    """Return the list of redacted entries from the details of an entry `journal.redacted`. Return None if the details
    have another format.
    """
    items = details.get("entries") if isinstance(details, dict) else None
    if not isinstance(items, list) or not isinstance(details.get("reason"), str):
        return None
    found = []
    for item in items:
        if not isinstance(item, list) or len(item) != 3:
            return None
        sequence, *hashes = item
        # `bool` is a subclass of `int`, so exclude it.
        if type(sequence) is not int or not all(
            isinstance(one, str) and _HASH.fullmatch(one) for one in hashes
        ):
            return None
        found.append((sequence, hashes[0], hashes[1]))
    return found


def entries(owner: Owner) -> QuerySet[Any]:
    """Return the entries of a chain, oldest first. For people with a review period, return only the entries of the
    period.
    """
    if isinstance(owner, Tenant):
        return JournalEntry.objects.filter(tenant=owner).order_by("sequence")
    return OrganizationJournalEntry.objects.filter(organization=owner).order_by("sequence")


def all_entries(owner: Owner) -> QuerySet[Any]:
    """Return the entries of a chain, oldest first, even those outside of the review period of the scope's person.

    Verification needs the hashes of those outside. Never show their content.
    """
    if isinstance(owner, Tenant) and owner.pk in current().review_periods:
        return JournalEntry._base_manager.filter(tenant=owner).order_by("sequence")
    return entries(owner)


def visible_part(owner: Owner) -> tuple[Head, Head]:
    """Return two entries: the entry before the first entry that the person of the open scope may read, and the last
    entry that the person may read.

    If the person has no review period, these are START and the head of the chain.
    """
    if not isinstance(owner, Tenant) or owner.pk not in current().review_periods:
        return START, head(owner)
    rows = entries(owner).order_by().values_list("sequence", "previous_hash", "hash")
    first, last = rows.order_by("sequence").first(), rows.order_by("-sequence").first()
    if first is None or last is None:
        return START, START
    return Head(first[0] - 1, first[1]), Head(last[0], last[2])


def _build_last_of_tenant(owner: UUID) -> QuerySet[Any, Any]:
    rows = JournalEntry._base_manager.filter(tenant_id=owner)
    return rows.order_by("-sequence").values_list("sequence", "hash")[:1]


def _build_last_of_organization(owner: UUID) -> QuerySet[Any, Any]:
    rows = OrganizationJournalEntry._base_manager.filter(organization_id=owner)
    return rows.order_by("-sequence").values_list("sequence", "hash")[:1]


# Each query is built once, because each action reads the last entry. The queries do not check the open scope; `head`
# checks it.
_last_of_tenant = BuiltQuery(_build_last_of_tenant, owner=UUID(int=0))
_last_of_organization = BuiltQuery(_build_last_of_organization, owner=UUID(int=0))


def head(owner: Owner) -> Head:
    """Return the last entry of the chain, for example to print it in a signed report. Return START for a chain outside
    of the open scope.
    """
    scope = current()
    if isinstance(owner, Tenant):
        rows = _last_of_tenant(owner=owner.pk) if owner.pk in scope.tenant_ids else []
    else:
        rows = _last_of_organization(owner=owner.pk) if owner.pk in scope.organization_ids else []
    return Head(*rows[0]) if rows else START


def verify(owner: Owner, expected: Head | None = None) -> list[Problem]:
    """Return all problems of the chain, oldest first. The list is empty for an intact chain.

    `expected` is a head that was seen earlier. The chain must still contain this head.
    """
    problems: list[Problem] = []
    found: str | None = GENESIS if expected is not None and expected.sequence == 0 else None
    for last, wrong in follow(owner):
        problems.extend(wrong)
        if expected is not None and last.sequence == expected.sequence:
            found = last.hash
    if expected is not None and found != expected.hash:
        what = "it is missing" if found is None else "it has a different hash"
        problems.append(
            Problem(
                expected.sequence,
                "cut",
                f"Entry {expected.sequence} was once the last entry, but now {what}.",
            )
        )
    return problems


def follow(
    owner: Owner, after: Head = START, *, through: int | None = None, limit: int | None = None
) -> Iterator[tuple[Head, list[Problem]]]:
    """Verify the entries that follow `after`, an entry that is already verified. For each entry, yield (sequence and
    hash, problems of the entry).

    Stop after entry number `through` or after `limit` entries, so that a long chain can be verified in steps. Memory
    use is bounded.
    """
    chain, last, listed = chain_of(owner), after, _Redactions(owner)
    rows = all_entries(owner).filter(sequence__gt=after.sequence)
    if through is not None:
        rows = rows.filter(sequence__lte=through)
    # The entries are named tuples, because creating model instances would take as long as the hashing.
    for entry in rows.values_list(*_FIELDS, "hash", named=True)[:limit].iterator(chunk_size=2000):
        wrong = list(_problems(chain, entry, last, listed))
        last = Head(entry.sequence, entry.hash)
        yield last, wrong


class _Redactions:
    """The redacted entries of a chain. They are read once, as soon as an entry does not match its own hash."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._found: dict[int, list[tuple[int, str, str]]] | None = None

    def permit(self, entry: Entry, content: str) -> bool:
        """Return whether a later entry `journal.redacted` lists `entry.hash` with the content hash `content`."""
        if entry.action == REDACTED:
            return False
        if self._found is None:
            self._found = redactions(self._owner)
        return any(
            number > entry.sequence and (before, after) == (entry.hash, content)
            for number, before, after in self._found.get(entry.sequence, ())
        )


def missing_entries(first: int, last: int) -> str:
    """Return the sentence that the entries with the numbers `first` to `last` are missing."""
    return f"Entry {first} is missing." if first == last else f"Entries {first} to {last} are missing."


def _problems(chain: str, entry: Entry, last: Head, listed: _Redactions) -> Iterator[Problem]:
    number = entry.sequence
    if number != last.sequence + 1:
        yield Problem(number, "missing", missing_entries(last.sequence + 1, number - 1))
    elif entry.previous_hash != last.hash:
        yield Problem(number, "broken_link", f"Entry {number} does not follow the previous entry.")
    content = content_hash(chain, entry)
    if entry.hash != content and not listed.permit(entry, content):
        yield Problem(number, "changed", f"Entry {number} was changed after it was written.")
    elif entry.action == REDACTED and listed_entries(entry.details) is None:
        yield Problem(number, "malformed", f"Entry {number} should list redacted entries, but does not.")


def _storable(value: Any, place: str) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return storable_text(str(value))
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {storable_text(str(key)): _storable(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_storable(item, f"{place}[{index}]") for index, item in enumerate(items)]
    raise TypeError(
        f"{place} of a journal entry cannot be of the type {type(value).__name__}. Pass text or an integer."
    )
