"""The branding of reports: which version applies, and what reports show. veraPDF accepts the reports."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.utils.html import escape

from assessments.models import Assessment
from portal.offboarding.erasures.erase_names import remove_names
from portal.reports.branding import actions
from portal.reports.branding.actions import Look, remove_branding, save_branding
from portal.reports.branding.colours import clean_accent, contrast_to_white
from portal.reports.branding.logos import read_logo
from portal.reports.branding.selectors import branding_of, current, current_brandings
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report, ReportBranding
from portal.reports.render import render, render_document
from tenants.actions import change_tenant
from tenants.errors import Conflict, InvalidInput
from tenants.models import Organization, OrganizationJournalEntry, Tenant
from tenants.scope import organization_scope
from tests import factories, verapdf
from tests.portal.reports.branding.pictures import GOOD_SVG, png
from tests.portal.reports.branding.saving import LONG, save
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.web.world import World

NOW = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.mark.slow(seconds=7)
def test_a_report_has_the_branding_of_its_request_and_keeps_it(world: World, tmp_path: Path) -> None:
    logo = read_logo(GOOD_SVG)
    first = save(
        world,
        name="Northwind Audit",
        contact="audit@example.com",
        cover_text="For the board.",
        accent="#8a1538",
        logo=logo,
    )
    with factories.in_tenant(world.home):
        found = rendered(world.home, kind="executive")
    save(world, name="Other name", logo=None)
    branding = found.results["identity"]["branding"]
    assert branding == {
        "label": "", "version": 1, "name": "Northwind Audit", "contact": "audit@example.com",
        "cover_text": "For the board.", "accent": "#8a1538", "logo_sha256": logo.sha256,
    }  # fmt: skip
    text = found.text(tmp_path)
    assert "Northwind Audit" in text
    assert "For the board." in text
    assert "Contact: audit@example.com" in text
    with factories.in_tenant(world.home):
        # A worker builds the report after the branding has changed.
        report = Report.objects.get(pk=found.report.pk)
        assert report.branding == first
        facts = gather_facts(report, ensure_signing_identity())
        assert facts.logo is not None
        assert facts.logo.content == logo.content
        again = render(found.facts, ())
        assert again.content == render(found.facts, ()).content, (
            "the same facts give the same pages, byte for byte"
        )
        later = rendered(world.home, kind="executive")
    assert later.results["identity"]["branding"]["version"] == 2
    assert "Other name" in later.text(tmp_path)
    assert "Northwind Audit" not in later.text(tmp_path)


@pytest.mark.slow(seconds=1)
def test_the_branding_of_a_label_counts_before_that_for_all(world: World) -> None:
    save(world, name="All")
    gold = save(world, label="gold", name="Gold")
    with organization_scope(world.organization):
        change_tenant(tenant=world.home, by=factories.BY, labels=["Gold", "zinc"])
        world.home.refresh_from_db()
        assert branding_of(world.home) == gold
        save(world, label="zinc", name="Zinc")
        assert branding_of(world.home) == gold, "the first label counts"
        remove_branding(organization=world.organization, by=factories.BY, label="gold")
        found = branding_of(world.home)
        assert found is not None
        assert found.name == "Zinc"
        remove_branding(organization=world.organization, by=factories.BY, label="zinc")
        assert getattr(branding_of(world.home), "name", "") == "All"
        remove_branding(organization=world.organization, by=factories.BY)
        assert branding_of(world.home) is None
        assert current_brandings(world.organization) == []
        actions = OrganizationJournalEntry.objects.filter(action__startswith="organization.report_branding")
        assert actions.count() == 6


def test_customers_read_only_the_branding_of_their_own_organization(world: World) -> None:
    save(world, name="All")
    with factories.in_tenant(world.foreign):
        assert branding_of(world.foreign) is None
        assert not ReportBranding.objects.exists()
    with factories.in_tenant(world.home):
        assert branding_of(world.home) is not None


@pytest.mark.slow(seconds=1)
def test_values_that_stay_are_kept_and_stale_ones_refused(world: World) -> None:
    logo = read_logo(png())
    save(world, name="One", logo=logo)
    second = save(world, contact="Ask us", expected=1)
    assert (second.version, second.name, second.logo_sha256) == (2, "One", logo.sha256)
    assert save(world, contact="Ask us").version == 2, "nothing changed, so there is no further version"
    with pytest.raises(Conflict, match="Somebody else has changed this branding"):
        save(world, name="Two", expected=1)
    with organization_scope(world.organization):
        entry = OrganizationJournalEntry.objects.filter(action="organization.report_branding_changed").last()
        assert entry is not None
        assert entry.details["contact"] == {"from": "", "to": "Ask us"}


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ({"name": "x" * 81}, "at most 80"),
        ({"contact": "x" * 201}, "at most 200"),
        ({"cover_text": "x" * 501}, "at most 500"),
        ({"name": "a\x07b"}, "control character"),
        ({"accent": "red"}, "six hexadecimal digits"),
        ({"accent": "#ffcc00"}, "hard to read on white, because the contrast is only 1.5 to 1"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_used_are_refused(world: World, look: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        save(world, **look)
    with organization_scope(world.organization):
        assert current(world.organization) is None


def test_the_refusal_of_a_colour_suggests_a_shade_with_enough_contrast() -> None:
    assert (clean_accent(""), clean_accent("#369"), clean_accent(" #AA0000 ")) == (
        "#3350c8",
        "#336699",
        "#aa0000",
    )
    assert contrast_to_white("#000000") == pytest.approx(21)
    # The lightest grey that level AA of WCAG permits for text on white.
    assert contrast_to_white("#767676") == pytest.approx(4.54, abs=0.01)
    with pytest.raises(InvalidInput) as refusal:
        clean_accent("#ffcc00")
    shade = refusal.value.message.rstrip(".").rpartition(" ")[2]
    assert clean_accent(shade) == shade


@pytest.mark.slow(seconds=1)
def test_the_name_of_an_erased_customer_leaves_the_branding_but_not_the_label(world: World) -> None:
    save(world, label="Contoso", name="For Contoso", cover_text="Contoso only", logo=read_logo(png()))
    with organization_scope(world.organization):
        remove_names(world.organization.pk, world.home.pk, {"names": ["Contoso"]})
        row = current(world.organization, "Contoso")
        assert row is not None
        assert (row.name, row.cover_text) == ("For [erased customer]", "[erased customer] only")
        assert row.logo_kind == "png"


def store_report_with(tenant: Tenant, branding: ReportBranding) -> None:
    """Store a report that uses the branding and has no file."""
    with factories.in_tenant(tenant):
        assessment = Assessment.objects.create(
            tenant=tenant, number=99, catalogue_hash="f" * 64, product_version="1"
        )
        Report.objects.create(
            tenant=tenant, number=99, requested_as="x", assessment=assessment, as_of=NOW, branding=branding
        )


def stored_versions(organization: Organization) -> list[tuple[str, int]]:
    with organization_scope(organization):
        return list(ReportBranding.objects.order_by("label", "version").values_list("label", "version"))


@pytest.mark.slow(seconds=1)
@pytest.mark.django_db
def test_a_branding_for_the_label_of_an_erased_customer_is_deleted() -> None:
    """The logo may show the name of the customer, and a name in a picture cannot be replaced."""
    owner = factories.organization()
    erased = factories.tenant(owner, "Alder", labels=["Gold", "Shared"])
    other = factories.tenant(owner, "Birch", labels=["shared"])
    logo = read_logo(png())

    def brand(label: str, name: str) -> ReportBranding:
        with organization_scope(owner):
            return save_branding(
                organization=owner, by=factories.BY, look=Look(name=name, logo=logo), label=label
            )

    for label in ("gold", "shared", "unused", ""):
        brand(label, "Brand")
    named = brand("gold", "Of a report of another customer")
    store_report_with(other, named)
    brand("gold", "Newest")
    with organization_scope(owner):
        deleted = remove_names(owner.pk, erased.pk, {"names": ["Nobody"]})
    assert deleted[ReportBranding._meta.db_table] == 1
    assert stored_versions(owner) == [("", 1), ("gold", 2), ("shared", 1), ("unused", 1)]


@pytest.mark.slow(seconds=1)
def test_of_old_versions_only_those_that_reports_use_are_kept(world: World) -> None:
    """Other versions are deleted, because each contains the logo of up to 512 KB. The two newest are always kept."""
    store_report_with(world.home, save(world, name="First", logo=read_logo(png())))
    for number in range(6):
        save(world, name=f"Name {number}")
    assert stored_versions(world.organization) == [("", 1), ("", 6), ("", 7)]
    with organization_scope(world.organization):
        remove_branding(organization=world.organization, by=factories.BY)
    assert stored_versions(world.organization) == [("", 1), ("", 7), ("", 8)]
    assert save(world, name="Again").version == 9


def test_labels_without_branding_do_not_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MAX_LABELS", 2)
    for label in ("one", "two"):
        save(world, label=label, name="A")
    with pytest.raises(InvalidInput, match="2 labels already have a branding"):
        save(world, label="three", name="A")
    with organization_scope(world.organization):
        remove_branding(organization=world.organization, by=factories.BY, label="one")
    assert save(world, label="three", name="A").version == 1


@pytest.mark.slow(seconds=1)
def test_the_command_shows_changes_previews_and_removes(world: World, tmp_path: Path) -> None:
    slug, logo, picture = world.organization.slug, tmp_path / "logo.svg", tmp_path / "cover.png"
    logo.write_bytes(GOOD_SVG)

    def run(*words: str) -> str:
        out = StringIO()
        call_command("report_branding", slug, *words, stdout=out)
        return out.getvalue()

    assert "No branding" in run()
    said = run("--name", "Audit", "--logo", str(logo), "--accent", "#8a1538", "--preview", str(picture))
    assert "all other customers: version 1; name: Audit; accent #8a1538; logo: SVG" in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "logo: none" in run("--no-logo")
    assert "customers with label gold: version 1" in run("--label", "gold", "--name", "Gold")
    with pytest.raises(CommandError, match="hard to read"):
        run("--accent", "#ffff00")
    logo.write_bytes(GOOD_SVG.replace(b"<rect", b"<script/><rect"))
    with pytest.raises(CommandError, match="contains a script"):
        run("--logo", str(logo))
    with pytest.raises(
        CommandError, match=r"cover\.png cannot be written: No such file .* Nothing was changed"
    ):
        run("--name", "Other", "--preview", str(picture.parent / "missing" / "cover.png"))
    assert "name: Audit" in run()
    with pytest.raises(CommandError, match="Cannot read"):
        run("--logo", str(tmp_path / "missing.png"))
    assert "all other" not in run("--remove")


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_summary_keeps_its_two_pages_with_a_branding(world: World, paper: str) -> None:
    with factories.in_tenant(world.home):
        plain = rendered(world.home, kind="executive", paper=paper)
    save(
        world,
        name="Audit",
        contact="audit@example.com",
        cover_text="For the board.",
        logo=read_logo(GOOD_SVG),
    )
    with factories.in_tenant(world.home):
        assert rendered(world.home, kind="executive", paper=paper).pages == plain.pages == 2


@pytest.mark.parametrize(("name", "pages"), [("Contoso", 1), ("Alder & Finch Clinics " * 9, 2)])
def test_the_texts_of_a_long_cover_continue_on_a_second_page(name: str, pages: int, tmp_path: Path) -> None:
    """The facts stand at the end of the cover. A second page keeps them from overlapping the texts of a long cover."""
    html = (
        '<html lang="en"><head><title>T</title></head><body><section class="cover"><p class="brand">B</p>'
        f'<h1>{escape(name)}</h1><p class="under">Under</p><p class="stamp">Secret</p>'
        f'<p class="cover-text">{"Text of the cover. " * 26}</p>'
        f'<div class="demo"><p class="title">Demonstration</p><p>{"Why. " * (60 if pages == 1 else 600)}</p></div>'
        '<table class="pairs facts"><tbody><tr><th scope="row">Report</th><td>Number</td></tr></tbody></table>'
        "</section></body></html>"
    )
    done = render_document(html, created=datetime(2026, 1, 1, tzinfo=UTC), paper="letter")
    assert done.pages == pages
    file = tmp_path / "cover.pdf"
    file.write_bytes(done.content)
    last = ["pdftotext", "-f", str(pages), "-l", str(pages), str(file), "-"]
    assert "Number" in subprocess.run(last, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow(seconds=40)
@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF cannot run: {verapdf.missing()}")
def test_reports_with_logos_conform_to_pdf_a_and_pdf_ua(world: World, tmp_path: Path) -> None:
    """This test checks two kinds of report with each form of logo. `test_conformance.py` checks every kind with one
    logo.
    """
    logos = {"svg": GOOD_SVG, "png": png(), "flat": png(800, 200, "P")}
    for name, content in logos.items():
        save(world, logo=read_logo(content), **LONG)
        with factories.in_tenant(world.home):
            # The logo is on the cover or, in the kind of report that has no cover, above the first part. So one short
            # kind with a cover and the kind without one are enough.
            for kind in ("changes", "executive"):
                for paper in ("a4", "letter"):
                    done = rendered(world.home, kind=kind, paper=paper)
                    (tmp_path / f"{name}-{kind}-{paper}.pdf").write_bytes(done.content)
    files = list(tmp_path.glob("*.pdf"))
    assert len(files) == 12
    for file, by_flavour in verapdf.problems(files).items():
        for flavour, problems in by_flavour.items():
            assert problems == [], f"{Path(file).name} does not conform to {flavour}"
    with pikepdf.open(tmp_path / "svg-changes-a4.pdf") as pdf:
        tags = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary)]
        assert sum(str(item.get("/Alt", "")) == f"Logo of {'N' * 80}" for item in tags) == 1
