"""The command that builds a report writes the signed file, and writes no file if it refuses the request."""

from __future__ import annotations

import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.models import Assessment
from portal.reports.models import Report
from portal.reports.records.installation_trust import installation_trust
from portal.reports.verification.verify import verify_pdf
from tests import factories
from tests.portal.reports.conftest import Built


def build(*words: str) -> str:
    out = StringIO()
    call_command("build_report", *words, stdout=out)
    return out.getvalue()


@pytest.mark.slow(seconds=1)
def test_report_is_built_and_written(built: Built, tmp_path: Path) -> None:
    home, file = built.world.home, tmp_path / "report.pdf"
    options = ("--framework", "cis-3.0.0", "--without-names", "--assessment", "1", "--kind", "framework")
    said = build(home.slug, str(file), *options, "--paper", "letter", "--language", "de")
    with factories.in_tenant(home):
        row = Report.objects.order_by("number").last()
    assert row is not None
    assert said == f"{file}: report {row.number} of {home.name} on assessment 1, SHA-256 {row.sha256}\n"
    assert (row.framework, row.without_names, row.classification) == ("cis-3.0.0", True, "Confidential")
    assert (row.kind, row.paper, row.language) == ("framework", "letter", "de")
    assert row.requested_as.startswith("Surety (operator ")
    assert verify_pdf(file.read_bytes(), installation_trust()).valid
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_existing_file_is_not_overwritten(built: Built, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_text("Mine")
    with factories.in_tenant(built.world.home):
        before = Report.objects.count()
    with pytest.raises(CommandError, match="Choose another file"):
        build(built.world.home.slug, str(file))
    assert file.read_text() == "Mine"
    with factories.in_tenant(built.world.home):
        assert Report.objects.count() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--assessment", "99"], "has no assessment 99"),
        (["--classification", " "], "Enter a classification"),
        (["--kind", "changes", "--assessment", "1"], "no earlier assessment to compare it with"),
        (["--kind", "changes", "--baseline", "99"], "has no assessment 99"),
    ],
)
def test_refused_report_leaves_no_file(
    built: Built, tmp_path: Path, options: list[str], message: str
) -> None:
    file = tmp_path / "report.pdf"
    with pytest.raises(CommandError, match=message):
        build(built.world.home.slug, str(file), *options)
    assert not file.exists()


def test_unknown_customer_is_named(built: Built, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no customer.*nobody-is-called-so"):
        build("nobody-is-called-so", str(tmp_path / "report.pdf"))
    assert list(tmp_path.glob("*.pdf")) == []


@pytest.mark.slow(seconds=1)
def test_newest_assessment_of_all_units_is_the_default(built: Built, tmp_path: Path) -> None:
    """A report on a later assessment of one subscription would say nothing about the customer's other subscriptions.
    The page on which people request reports suggests the same assessment as the command.
    """
    home = built.world.home
    with factories.in_tenant(home):
        newest = Assessment.objects.filter(tenant=home, state="finished", only=[]).order_by("-number").first()
        assert newest is not None
        Assessment.objects.create(
            tenant=home,
            number=newest.number + 1,
            state="finished",
            ended_at=timezone.now(),
            only=["/subscriptions/00000000-0000-0000-0000-000000000001"],
        )
    said = build(home.slug, str(tmp_path / "report.pdf"), "--kind", "executive")
    assert f"on assessment {newest.number}, SHA-256" in said
