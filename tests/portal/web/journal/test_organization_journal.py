"""The page and the exports of an organization's own journal contain its entries, and only those."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from tenants import journal
from tenants.actors import System
from tenants.models import OrganizationJournalEntry
from tenants.scope import organization_scope
from tests.portal.web.journal.journal_pages import numbers, text
from tests.portal.web.world import World


def url(world: World, name: str, query: str = "") -> str:
    return reverse(f"organization-{name}", args=[world.organization.slug]) + (f"?{query}" if query else "")


def note(world: World) -> list[OrganizationJournalEntry]:
    """Write an entry; return all entries of the organization, the newest first."""
    with organization_scope(world.organization):
        journal.record(
            organization=world.organization,
            actor=System("Night watch"),
            action="access.reviewed",
            target="x",
            details={"note": "Looked at twice."},
        )
        rows = OrganizationJournalEntry.objects.filter(organization=world.organization)
        return list(rows.order_by("-sequence"))


def test_the_page_shows_every_entry(world: World, administrator: Client) -> None:
    entries = note(world)
    assert len(entries) > 3
    assert numbers(administrator, url(world, "journal")) == [entry.sequence for entry in entries]
    shown = text(administrator, url(world, "journal"))
    for words in (
        "Night watch",
        "Looked at twice.",
        entries[0].hash,
        f"{len(entries)} entries, newest first",
    ):
        assert words in shown
    only = numbers(administrator, url(world, "journal", "q=Night watch"))
    assert only == [entries[0].sequence]
    assert "The chain is intact." in text(administrator, url(world, "journal-verify"))


def test_titles_name_the_organization(world: World, administrator: Client) -> None:
    entry = note(world)[0]
    base = url(world, "journal")
    for address, title in (
        (base, "Journal"),
        (f"{base}{entry.sequence}/", f"Journal entry {entry.sequence}"),
        (url(world, "journal-verify"), "Verify the journal"),
    ):
        html = administrator.get(address).content.decode()
        found = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
        assert found
        assert " ".join(found[1].split()) == f"{title} · {world.organization.name} · Surety"


def test_the_exports_contain_every_entry(world: World, administrator: Client) -> None:
    entries = note(world)
    answer: Any = administrator.get(url(world, "journal-csv"))
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(int(row["Number"]), row["Hash"]) for row in rows] == [(e.sequence, e.hash) for e in entries]
    assert rows[0]["By"] == "Night watch"
    filtered: Any = administrator.get(url(world, "journal-csv", "q=Night watch"))
    assert len(filtered.getvalue().decode().splitlines()) == 2
    chain: Any = administrator.get(url(world, "journal-chain"))
    lines = [json.loads(line) for line in chain.getvalue().decode().splitlines()]
    assert {line["chain"] for line in lines} == {f"organization:{world.organization.pk}"}
    assert [line["action"] for line in lines[len(entries) :]] == ["file.downloaded"] * 2
    assert [line["hash"] for line in lines[: len(entries)]] == [entry.hash for entry in reversed(entries)]
