"""Pages of a journal, and entries for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants import journal
from tenants.actors import System
from tenants.models import JournalEntry
from tests import factories
from tests.portal.web.world import World


def address(world: World, query: str = "") -> str:
    return reverse("journal", args=[world.home.slug]) + (f"?{query}" if query else "")


def entries(world: World) -> list[JournalEntry]:
    with factories.in_tenant(world.home):
        return list(JournalEntry.objects.filter(tenant=world.home).order_by("sequence"))


def note(world: World, action: str = "view.saved", target: str = "x", **details: Any) -> int:
    """Write an entry; return its number."""
    with factories.in_tenant(world.home):
        by = System("note")
        found = journal.record(tenant=world.home, actor=by, action=action, target=target, details=details)
    return found.sequence


def numbers(client: Client, url: str) -> list[int]:
    """Return the numbers of the entries on all pages, in order."""
    first = client.get(url)
    assert first.status_code == 200
    joint = "&" if "?" in url else "?"
    pages = range(1, first.context["page"].paginator.num_pages + 1)
    return [row.sequence for page in pages for row in client.get(f"{url}{joint}page={page}").context["rows"]]


def text(client: Client, url: str) -> str:
    content = client.get(url).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def forge(world: World, moments: Iterable[datetime], **given: Any) -> int:
    """Append entries at the given times; return the number of the first."""
    with factories.in_tenant(world.home):
        chain, last = journal.chain_of(world.home), journal.head(world.home)
        first = last.sequence + 1
        rows = []
        for at in moments:
            values: dict[str, Any] = {
                "sequence": last.sequence + 1,
                "at": at,
                "actor": "system:tests",
                "action": "view.saved",
                "target": "x",
                "details": {},
                "previous_hash": last.hash,
                **given,
            }
            last = journal.Head(values["sequence"], journal.entry_hash(chain, **values))
            rows.append(JournalEntry(tenant=world.home, hash=last.hash, **values))
        JournalEntry.objects.bulk_create(rows)
    return first
