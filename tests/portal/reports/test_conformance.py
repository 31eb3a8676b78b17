"""veraPDF, an independent validator, reports no violation in any kind of report, before and after signing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from django.utils import timezone
from pikepdf import Array, Dictionary

from assessments.models import Assessment, Unit
from portal.offboarding.erasures.certificate import Facts as CertificateFacts
from portal.offboarding.erasures.certificate import sign_certificate
from portal.offboarding.models import Erasure
from portal.reports.branding.actions import remove_branding
from portal.reports.branding.logos import read_logo
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from portal.reports.layout import chunks
from portal.reports.render import render_document
from portal.reports.signing.archive import renewed
from portal.reports.signing.sign import sign
from tenants.scope import organization_scope
from tests import factories, verapdf
from tests.portal.reports.archive_files import configure
from tests.portal.reports.branding.pictures import GOOD_SVG
from tests.portal.reports.branding.saving import LONG, save
from tests.portal.reports.conftest import attached
from tests.portal.reports.directory_names import record_names
from tests.portal.reports.kinds.rendering import rendered
from tests.portal.reports.many_verdicts import add_many_findings
from tests.portal.reports.pki import Pki
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=90)

# Kinds of report with few pages, for which veraPDF needs a tenth of the time of the others. Only these are judged
# unsigned and at every signature level. That is enough, because signing replaces the same
# objects of the PDF in every kind.
SMALL = ("changes", "exceptions", "executive", "framework")


@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF cannot run: {verapdf.missing()}")
def test_every_kind_of_report_conforms_before_and_after_signing(
    world: World, tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = world.home
    with factories.in_tenant(home):
        # Reports show the recorded names of objects with their ids, also in headers of rows. If a name were a block
        # element, it would be tagged as a header inside of a header.
        record_names(world)
        first = Assessment.objects.get(tenant=home, number=1)
        kinds = {key: rendered(home, kind=key).content for key in KINDS}
        kinds["earlier-without-names"] = rendered(
            home, assessment=first, without_names=True, framework="cis-3.0.0"
        ).content
    # Each of the following files has several differences from those above. This is enough, because no difference hides
    # an error that another one causes.
    save(world, logo=read_logo(GOOD_SVG), **LONG)
    with factories.in_tenant(home):
        for key in KINDS:
            language = "de" if key in ("full", "period", "executive") else "en"
            kinds[f"{key}-letter"] = rendered(home, kind=key, paper="letter", language=language).content
    with organization_scope(world.organization):
        remove_branding(organization=world.organization, by=factories.BY)
    with factories.in_tenant(home):
        Unit.objects.filter(assessment__tenant=home).update(
            state=Unit.State.FAILED, error_code="AADSTS7000222", error="The client secret has expired."
        )
        kinds["nothing-read"] = rendered(home).content
        kinds["nothing-read-executive"] = rendered(home, kind="executive").content
        # The pages and attachments list only some of the verdicts, because there are more than the limit.
        add_many_findings(world, monkeypatch)
        # Typeset the pages in chunks, like the pages of a long report.
        monkeypatch.setattr(chunks, "LINES", 1000)
        for kind in ("full", "framework"):
            kinds[f"large-{kind}"] = rendered(home, kind=kind).content
            assert b"findings_not_listed" in attached(kinds[f"large-{kind}"], "results.json")
    unsigned, kinds = kinds, {}
    for name, content in unsigned.items():
        if name in KINDS and name not in SMALL:
            # Skip this file, because veraPDF takes long. The renewed file of this kind (below) has the same pages.
            continue
        kinds[name] = sign(content, ensure_signing_identity(), reason="a test", report=name)
        # The signed file begins with the unsigned one, so veraPDF judges the same objects, except the few that signing
        # replaces.
        assert kinds[name].startswith(content)
    for name in SMALL:
        kinds[f"{name}-unsigned"] = unsigned[name]
    kinds["erasure"] = sign_certificate(erasure_of(world)).content
    signer = pki.identity("signer")
    for name in KINDS:
        configure(pki, "B-LTA")
        archive = sign(unsigned[name], signer, reason="a test", report=name)
        assert archive.startswith(unsigned[name])
        # The renewed file begins with the file of level B-LTA, so veraPDF validates the objects of both.
        kinds[f"{name}-renewed"] = renewed(archive)
        assert kinds[f"{name}-renewed"].startswith(archive)
        if name in SMALL:
            kinds[f"{name}-archive"] = archive
            configure(pki, "B-LT")
            kinds[f"{name}-long-term"] = sign(unsigned[name], signer, reason="a test", report=name)
    monkeypatch.setenv("SURETY_SIGNING_P12", str(pki.write_signer()))
    kinds["erasure-archive"] = sign_certificate(erasure_of(world)).content
    for name, content in kinds.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    found = verapdf.problems(tmp_path.glob("*.pdf"))
    assert len(found) == len(kinds)
    for file, by_flavour in found.items():
        for flavour, problems in by_flavour.items():
            assert problems == [], f"{Path(file).name} does not conform to {flavour}"


def erasure_of(world: World) -> CertificateFacts:
    """Return the facts of an erasure of many rows of one table and one row of another, with markup in the reason."""
    now = timezone.now()
    erasure = Erasure(
        organization=world.organization, pseudonym="a" * 64, salt="b" * 64, reason="Ended <2026> & over",
        requested_at=now, confirmed_by=world.people["organization_administrator"], confirmed_at=now, started_at=now,
        rows={"Finding changes": 12_345, "Webhook": 1}, files=3, redacted=1, head_sequence=7, head_hash="c" * 64,
        organization_head_sequence=1, organization_head_hash="d" * 64,
    )  # fmt: skip
    return CertificateFacts.of(erasure, world.home, world.organization)


def test_verapdf_finds_what_breaks_the_rules(tmp_path: Path) -> None:
    """A table with a head but no body breaks PDF/UA-1. A file without metadata breaks both PDF/UA-1 and PDF/A-3a."""
    if reason := verapdf.missing():
        pytest.skip(f"veraPDF cannot run: {reason}")
    html = (
        '<html lang="en"><head><title>T</title></head><body><h1>T</h1><table><thead><tr><th scope="col">Head</th></tr>'
        '</thead><tbody><tr><th scope="row">Cell</th></tr></tbody></table></body></html>'
    )
    good = render_document(html, created=datetime.now(UTC)).content
    (tmp_path / "good.pdf").write_bytes(good)
    with pikepdf.open(io.BytesIO(good)) as pdf:
        del pdf.Root.Metadata
        (table,) = (
            item for item in pdf.objects if isinstance(item, Dictionary) and item.get("/S") == "/Table"
        )
        table.K = Array([kid for kid in table.K if kid.S != "/TBody"])
        pdf.save(tmp_path / "bad.pdf")
    found = verapdf.problems([tmp_path / "good.pdf", tmp_path / "bad.pdf"])
    assert found[str(tmp_path / "good.pdf")] == {"PDF/A-3a": [], "PDF/UA-1": []}
    bad = found[str(tmp_path / "bad.pdf")]
    assert any(problem.startswith("7.1-8:") for problem in bad["PDF/UA-1"])
    assert any(problem.startswith("7.2-14:") for problem in bad["PDF/UA-1"])
    assert bad["PDF/A-3a"]
