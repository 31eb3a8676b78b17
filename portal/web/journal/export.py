"""The journal as files: what is filtered as CSV, and the whole chain as JSON lines.

docs/journal.md describes the JSON lines and how they are verified with nothing but them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

from django.db.models import QuerySet

from portal.queries.journal.actions import KINDS, kind_of, words_of
from portal.queries.journal.actors import who
from tenants import journal
from tenants.models import JournalEntry, Tenant

CHUNK: Final = 2000
HEADERS: Final = (
    "Number",
    "At (UTC)",
    "By",
    "Actor",
    "What",
    "Action",
    "Kind",
    "Target",
    "Details",
    "Hash",
    "Previous hash",
)


def table(rows: QuerySet[JournalEntry], names: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """The header, then a row of values an entry; `names` of the people by their ids."""
    yield HEADERS
    for entry in rows.iterator(chunk_size=CHUNK):
        yield (
            entry.sequence,
            f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}",
            who(entry.actor, names).name,
            entry.actor,
            words_of(entry.action),
            entry.action,
            KINDS[kind_of(entry.action)].label,
            entry.target,
            json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
            entry.hash,
            entry.previous_hash,
        )


def json_lines(tenant: Tenant) -> Iterator[bytes]:
    """Each entry of the chain, oldest first: what its hash is made of, and the hash."""
    chain = journal.chain_of(tenant)
    held: list[str] = []
    for entry in journal.entries(tenant).iterator(chunk_size=CHUNK):
        held.append(journal.canonical_json({**journal.hashed_content(chain, entry), "hash": entry.hash}))
        if len(held) == 200:
            yield _joined(held)
            held = []
    yield _joined(held)


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
