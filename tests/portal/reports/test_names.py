"""A report without names contains no names from the customer's directory. An ordinary report shows these names."""

from __future__ import annotations

import io
from html import unescape
from pathlib import Path

import pikepdf
import pytest

from assessments.models import Finding
from portal.reports.actions import build_report, request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from portal.reports.models import Report
from portal.reports.render import render_html
from portal.treatment.actions.owners.assign import assign
from tests import factories
from tests.portal.reports.conftest import Built, text_of
from tests.portal.reports.directory_names import GUID, NAMES, record_names
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=12)


def contents(data: bytes, folder: Path) -> dict[str, str]:
    """Return the text of all pages, the attachments and the metadata of a PDF."""
    found = {}
    found["text"] = text_of(data, folder)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for name, attachment in pdf.attachments.items():
            found[name] = attachment.get_file().read_bytes().decode()
        found["metadata"] = repr(pdf.docinfo) + str(pdf.Root.get("/Metadata", ""))
        with pdf.open_metadata() as metadata:
            found["metadata"] += str(metadata)
        # Bookmarks and descriptions of marked content, which the text of the pages lacks.
        found["strings"] = " ".join(
            str(value)
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary)
            for value in item.values()
            if isinstance(value, pikepdf.String)
        )
    return {part: " ".join(text.split()) for part, text in found.items()}


def edition(world: World, folder: Path, *, without_names: bool) -> dict[str, str]:
    with factories.in_tenant(world.home):
        report = build_report(
            tenant=world.home, by=world.people["organization_engineer"], without_names=without_names
        )
        with report.file.open("rb") as source:
            return contents(source.read(), folder)


def test_names_are_in_the_ordinary_edition_only(built: Built, tmp_path: Path) -> None:
    world = built.world
    with factories.in_tenant(world.home):
        record_names(world)
        secrets = [text for _, *texts in NAMES.values() for text in texts if text]
    with_names = edition(world, tmp_path, without_names=False)
    for part in ("text", "results.csv"):
        assert [text for text in secrets if text not in with_names[part].replace("- ", "-")] == [], part
    without = edition(world, tmp_path, without_names=True)
    assert {"text", "metadata", "strings", "results.csv", "results.json"} <= without.keys()
    assert GUID in without["results.csv"]
    found = {(part, text) for part, content in without.items() for text in secrets if text in content}
    assert found == set()


def test_people_of_the_portal_are_ids_in_every_kind_without_names(world: World) -> None:
    """Only ordinary reports name owners, requesters, approvers and the people who attested."""
    person = world.people["organization_engineer"]
    with factories.in_tenant(world.home):
        finding: Finding = world.of(world.home)["finding"]
        own = Finding.objects.filter(pk=finding.pk)
        assign(tenant=world.home, findings=own, owner=person, by=person)
        # Names of one word, such as “Owner”, are left out, because every report contains these words.
        texts_of_people = {text for row in world.people.values() for text in (row.name, row.email)}
        names = {text for text in texts_of_people if " " in text or "@" in text}
        for kind in KINDS:
            for without_names in (False, True):
                report = request_report(tenant=world.home, by=person, kind=kind, without_names=without_names)
                facts = gather_facts(report, ensure_signing_identity())
                facts, files = attach(facts, world.home, unit_manifests(report.assessment))
                # Cancel the report: a customer may have only a limited number of reports that wait for a worker.
                Report.objects.filter(pk=report.pk).update(state=Report.State.CANCELLED)
                texts = [unescape(render_html(facts, files)), *(file.content.decode() for file in files)]
                found = {name for name in names for text in texts if name in text}
                if without_names:
                    assert found == set(), kind
                    assert any(f"Person {person.pk}" in text for text in texts), kind
                else:
                    assert {person.name, person.email} <= found, kind
