"""Verification compares the journal head in a report with the stored journal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from portal.management.commands.verify_report import OTHER_JOURNAL
from portal.reports.journal_head import compare_head, stated_head
from portal.reports.models import Report
from portal.reports.parts import integrity
from tenants import journal
from tests import factories
from tests.portal.reports.conftest import Built, build
from tests.portal.web.requests import page
from tests.signed_in import signed_in_client

CHANGED = "does not have the hash that the report states."


def uploaded(client: Client, data: bytes) -> str:
    cache.clear()
    answer = client.post(reverse("verify"), {"report": SimpleUploadedFile("report.pdf", data)})
    return " ".join(answer.content.decode().split())


def verified(data: bytes, folder: Path) -> str:
    file, out = folder / "report.pdf", StringIO()
    file.write_bytes(data)
    call_command("verify_report", str(file), stdout=out)
    return out.getvalue()


@pytest.mark.slow(seconds=1)
def test_an_unchanged_journal_contains_the_head(built: Built, tmp_path: Path) -> None:
    home, people = built.world.home, built.world.people
    with factories.in_tenant(home):
        row = Report.objects.defer(None).get(pk=built.report.pk)
        head = stated_head(row, built.data)
        row.page_content = None
        assert stated_head(row, built.data) == head, "older reports have it only in the file"
    assert head is not None
    assert head.sequence > 1
    same = f"The stored journal contains entry {head.sequence} with the hash that the report states."
    text = verified(built.data, tmp_path)
    assert f"  journal      entry {head.sequence}, SHA-256 {head.hash}\n" in text
    assert f"  compared     {same} All {head.sequence} entries are unchanged.\n" in text
    browser = signed_in_client(people["auditor"])
    shown = page(browser, "report", home.slug, built.report.number, query="?checks")
    assert f"{same} The entry is unchanged." in shown
    assert same in uploaded(browser, built.data)
    for other in (Client(), signed_in_client(people["owner"])):
        shown = uploaded(other, built.data)
        assert (
            "Surety compares the journal head only for people who are signed in and may read the report"
            in shown
        )
        assert head.hash not in shown


@pytest.mark.slow(seconds=1)
def test_a_journal_that_was_rewritten_after_the_report_is_named(
    built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal head in the report has another hash than the stored entry."""
    with factories.in_tenant(built.world.home):
        real = journal.head(built.world.home)
    with monkeypatch.context() as patch:
        forged = SimpleNamespace(
            head=lambda owner: journal.Head(real.sequence, "a" * 64), verify=journal.verify
        )
        patch.setattr(integrity, "journal", forged)
        other = build(built.world)
    with pytest.raises(SystemExit) as status:
        verified(other.data, tmp_path)
    assert status.value.code == OTHER_JOURNAL
    browser = signed_in_client(built.world.people["auditor"])
    shown = page(browser, "report", built.world.home.slug, other.report.number, query="?checks")
    assert "The stored journal does not match the journal head that the report states" in shown
    assert CHANGED in shown
    shown = uploaded(browser, other.data)
    assert "The journal was changed after this report was built." in shown
    assert CHANGED in shown
    with factories.in_tenant(built.world.home):
        for whole in (True, False):
            late = compare_head(built.world.home, journal.Head(real.sequence + 900, "a" * 64), whole=whole)
            assert "is missing in the journal" in late.sentence
