"""Fixtures of the reports: a world with assessed customers, a built report, a small signed PDF."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from portal.reports.actions import build_report
from portal.reports.models import Report
from tests import factories
from tests.portal.web.world import World, make_world


@dataclass
class Built:
    """A report on the world's home tenant, with its bytes."""

    world: World
    report: Report
    data: bytes


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Give each test its own folder of keys and known certificates. The storage stays that of the suite."""
    settings.SURETY_HOME = tmp_path / "home"
    before = {name: os.environ.pop(name, None) for name in ("SURETY_SIGNING_P12", "SURETY_TSA_URL")}
    yield settings.SURETY_HOME
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def built(world: World) -> Built:
    with factories.in_tenant(world.home):
        report = build_report(tenant=world.home, by=world.people["organization_engineer"])
        with report.file.open("rb") as source:
            return Built(world, report, source.read())


@pytest.fixture
def signed() -> bytes:
    """Return a small signed PDF, made without a database."""
    from portal.reports.sign import sign
    from portal.reports.signing_identity import ensure_signing_identity

    return sign(small_pdf(), ensure_signing_identity(), reason="a test")


def small_pdf() -> bytes:
    """Return an unsigned PDF of one page."""
    from weasyprint import HTML

    content: bytes = HTML(string="<html lang=en><title>T</title><p>Text</p></html>").write_pdf()
    return content


def attached(data: bytes, name: str) -> bytes:
    """Return the content of the PDF's attachment."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return pdf.attachments[name].get_file().read_bytes()


def text_of(data: bytes, tmp_path: Path) -> str:
    """Return the text of the PDF with single blanks."""
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    return " ".join(done.stdout.split())
