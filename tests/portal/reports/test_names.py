"""A report without names contains no name of the customer's directory; an ordinary report shows them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf

from assessments.models import Finding, ObjectName
from portal.reports.actions import build_report
from tests import factories
from tests.portal.reports.conftest import Built, text_of
from tests.portal.web.world import World

GUID = "aaaaaaaa-0000-0000-0000-000000000001"
GROUP = "aaaaaaaa-0000-0000-0000-000000000002"
NAMES = {
    GUID: ("user", "Annegret Bergmann", "annegret.bergmann@contoso.example"),
    GROUP: ("group", "Tier Zero Operators", ""),
}


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
    world, own = built.world, built.world.of(built.world.home)
    finding: Finding = own["finding"]
    with factories.in_tenant(world.home):
        for guid, (kind, shown, principal) in NAMES.items():
            ObjectName.objects.create(
                status="known",
                tenant=world.home,
                directory=own["directory"],
                guid=guid,
                kind=kind,
                display_name=shown,
                principal_name=principal,
                read_at=datetime(2026, 11, 26, tzinfo=UTC),
            )
        finding.refresh_from_db()
        finding.subject = f"directory:90000000-0000-0000-0000-000000000009/users/{GUID}"
        finding.subject_name = GUID
        finding.observed = {"lacking": [GUID], "group": GROUP}
        finding.reason = f"Could not read the members of group {GROUP}"
        finding.save(update_fields=["subject", "subject_name", "observed", "reason"])
        secrets = [text for _, *texts in NAMES.values() for text in texts if text]
    with_names = edition(world, tmp_path, without_names=False)
    for part in ("text", "results.csv"):
        assert [text for text in secrets if text not in with_names[part].replace("- ", "-")] == [], part
    without = edition(world, tmp_path, without_names=True)
    assert {"text", "metadata", "strings", "results.csv", "results.json"} <= without.keys()
    assert GUID in without["results.csv"]
    found = {(part, text) for part, content in without.items() for text in secrets if text in content}
    assert found == set()
