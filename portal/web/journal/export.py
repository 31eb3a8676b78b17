"""Export the journal as files: the filtered entries as CSV, and the full chain as JSON Lines.

docs/journal.md describes the JSON Lines and how to verify them offline.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, Final

from django.db.models import QuerySet

from portal.queries.journal.actions import KINDS, kind_of, label_of
from portal.queries.journal.actors import parse_actor
from tenants import journal
from tenants.journal import Owner

CHUNK: Final = 2000
LINES_PER_BLOCK: Final = 200
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


def table(rows: QuerySet[Any], names: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """Yield the header, then one row per entry. `names` maps ids of people to their names."""
    yield HEADERS
    for entry in rows.iterator(chunk_size=CHUNK):
        yield (
            entry.sequence,
            f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}",
            parse_actor(entry.actor, names).name,
            entry.actor,
            label_of(entry.action),
            entry.action,
            KINDS[kind_of(entry.action)].label,
            entry.target,
            json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
            entry.hash,
            entry.previous_hash,
        )


def json_lines(owner: Owner, last: int | None = None) -> Iterator[bytes]:
    """Yield the chain in blocks of lines, oldest entry first. Each line has the hashed content of one entry and the
    hash of the entry.

    `last` is the number of the last entry to export. If it is None, all entries are exported.
    """
    chain = journal.chain_of(owner)
    lines: list[str] = []
    rows = journal.entries(owner) if last is None else journal.entries(owner).filter(sequence__lte=last)
    for entry in rows.iterator(chunk_size=CHUNK):
        lines.append(journal.canonical_json({**journal.hashed_content(chain, entry), "hash": entry.hash}))
        if len(lines) == LINES_PER_BLOCK:
            yield _joined(lines)
            lines = []
    yield _joined(lines)


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
