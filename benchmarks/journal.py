"""Measure the journal's page, verification and exports with very many entries.

`python -m benchmarks.journal [--entries N] [--rounds N]` writes a journal like the one that fifty people and the
workers of a tenant produce in a few years. Then a signed-in engineer requests pages, through all of Django's
middleware.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.shared.installation import installation
from benchmarks.shared.page_times import asking, peak, time_download

if TYPE_CHECKING:
    from tenants.models import Person, Tenant

PAGES = {
    "newest": "",
    "page 1000": "page=1000",
    "last page": "page=2000",
    "exceptions": "kind=exceptions",
    "a rare kind": "kind=people",
    "of one person": "by={person}",
    "exceptions of one person": "kind=exceptions&by={person}",
    "a week": "from={since}&to={until}",
    "search, few": "q=account777",
    "search, most": "q=findings",
    "search, none": "q=nothing-is-called-so",
    "about one finding": "of=finding:{finding}",
}
CHUNK = 5000


def write(tenant: Tenant, people: list[Person], count: int) -> None:
    """Write this number of entries with correct hashes (`tenants.journal`), in chunks."""
    from django.utils import timezone

    from tenants import journal
    from tenants.actors import System, describe
    from tenants.models import JournalEntry
    from tenants.scope import tenant_scope

    chance, chain = random.Random(7), journal.chain_of(tenant)
    actors = [describe(who) for who in people]
    systems = [describe(System(name)) for name in ("treatment", "assessment worker", "report worker")]
    start = timezone.now() - timedelta(days=900)
    with tenant_scope(tenant.pk):
        last = journal.head(tenant)
        for begin in range(0, count, CHUNK):
            rows = []
            for number in range(begin, min(begin + CHUNK, count)):
                action, target, details = _done(chance, number)
                ours = action.startswith(("assessment.", "exception.s", "report.b"))
                values: dict[str, Any] = {
                    "sequence": last.sequence + 1,
                    "at": start + timedelta(seconds=number * 700),
                    "actor": chance.choice(systems if ours else actors),
                    "action": action,
                    "target": target,
                    "details": details,
                    "previous_hash": last.hash,
                }
                row = JournalEntry(tenant=tenant, hash=journal.entry_hash(chain, **values), **values)
                rows.append(row)
                last = journal.Head(row.sequence, row.hash)
            JournalEntry.objects.bulk_create(rows)


def _done(chance: random.Random, number: int) -> tuple[str, str, dict[str, Any]]:
    identifier = str(UUID(int=number, version=4))
    some = [str(UUID(int=chance.randrange(10**6), version=4)) for _ in range(chance.randrange(1, 12))]
    if number % 2000 == 0:
        return "membership.granted", f"membership:{identifier}", {"person": "x@example.com", "role": "owner"}
    roll = chance.random()
    if roll < 0.4:
        details: dict[str, Any] = {"batch": identifier, "count": len(some), "findings": some, "filters": ""}
        return "finding.acknowledged", f"{len(some)} findings", details
    if roll < 0.6:
        name = f"storage-secure-transfer on account{chance.randrange(2000)}"
        return "comment.added", f"finding:{some[0]} {name}", {"comment": identifier, "characters": 80}
    if roll < 0.8:
        details = {"number": number, "findings": len(some), "finding_ids": some, "note": "As agreed."}
        action = chance.choice(("exception.requested", "exception.approved", "exception.started"))
        return action, f"findingexception:{identifier} Exception {number}", details
    if roll < 0.95:
        return "assessment.end", f"assessment:{number}", {"state": "completed", "counts": {"fail": number}}
    return "report.built", f"report:{number}", {"report": identifier, "sha256": "0" * 64, "size": 99_000}


def vacuum() -> None:
    """Run VACUUM ANALYZE, as autovacuum would do within minutes, so that PostgreSQL has statistics and can use
    index-only scans.
    """
    from django.db import connections

    from portal.owner_db import allow_owner

    with allow_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tenants_journalentry")
    connections["owner"].close()


def pages(tenant: Tenant, people: list[Person], rounds: int) -> None:
    from django.utils import timezone

    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    ask = asking(people[0], rounds)
    known = {
        "person": people[1].pk,
        "since": f"{timezone.now() - timedelta(days=400):%Y-%m-%d}",
        "until": f"{timezone.now() - timedelta(days=393):%Y-%m-%d}",
        "finding": UUID(int=777, version=4),
    }
    for name, query in PAGES.items():
        ask(name, f"/t/{tenant.slug}/journal/?{query.format(**known)}")
    ask("one entry", f"/t/{tenant.slug}/journal/500/")


def verification(tenant: Tenant) -> None:
    from tenants import journal
    from tenants.scope import tenant_scope

    with tenant_scope(tenant.pk):
        before, began, processor = peak(), time.perf_counter(), time.process_time()
        assert journal.verify(tenant, journal.head(tenant)) == []
        wall, processor = time.perf_counter() - began, time.process_time() - processor
        print(f"verify {wall:24.1f} s   processor {processor:5.1f} s, peak memory {before} -> {peak()} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with installation():
        from benchmarks.shared import many_findings as many

        people = many.people(50)
        tenant = many.tenant_of("Benchmark", people[0])
        write(tenant, people, options.entries)
        vacuum()
        verification(tenant)
        pages(tenant, people, options.rounds)
        for name in ("journal.csv", "chain.jsonl"):
            time_download(people[0], name, f"/t/{tenant.slug}/journal/{name}")


if __name__ == "__main__":
    main()
