"""A world with assessed customers and one built report, made once a test that asks for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.reports.actions import build_report
from portal.reports.models import Report
from tests import factories
from tests.portal.web.world import World, make_world


@dataclass
class Built:
    """A report of the world's home tenant, and its bytes."""

    world: World
    report: Report
    data: bytes


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Keys and known certificates of each test lie in a folder of its own; the storage is as the suite set it."""
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
    """A small signed PDF, made without a database."""
    from portal.reports.sign import sign
    from portal.reports.signing_identity import ensure_signing_identity

    return sign(small_pdf(), ensure_signing_identity(), reason="a test")


def small_pdf() -> bytes:
    """A PDF of one page, not signed."""
    from weasyprint import HTML

    content: bytes = HTML(string="<html lang=en><title>T</title><p>Text</p></html>").write_pdf()
    return content
