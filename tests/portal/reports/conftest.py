"""Fixtures of the reports: a world with assessed customers, a built report, a small signed PDF."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import override_settings

from assessments.models import Assessment
from portal.reports.actions import build_report, request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.gather import gather_facts
from portal.reports.keys import signing_identity
from portal.reports.keys.signing_identity import SigningIdentity, ensure_signing_identity
from portal.reports.models import Report
from portal.reports.render import render_document
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from tenants.models import Tenant
from tests import factories
from tests.databases import databases
from tests.portal.reports import forked_children
from tests.portal.reports.authority import TimeStampAuthority, pem
from tests.portal.reports.pki import Pki, serving
from tests.portal.web.world import World

if TYPE_CHECKING:
    from tests.portal.reports.archive_files import Archived

REPORT = "018f9d6e-0000-7000-8000-000000000001"

forked_children.install()


@dataclass
class Built:
    """A report on the world's home tenant, with its bytes."""

    world: World
    report: Report
    data: bytes


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Give each test its own folder of keys and known certificates. All tests share the storage of reports."""
    settings.SURETY_HOME = tmp_path / "home"
    names = (
        "SURETY_SIGNING_P12", "SURETY_SIGNING_KEY_VAULT", "SURETY_SIGNING_PKCS11_MODULE", "SURETY_SIGNING_CERTIFICATE",
        "SURETY_TSA_URL", "SURETY_TSA_CERTIFICATES", "SURETY_SIGNING_LEVEL",
    )  # fmt: skip
    before = {name: os.environ.pop(name, None) for name in names}
    yield settings.SURETY_HOME
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture
def real_children() -> Iterator[None]:
    """Read PDF files in new Python processes, as in production. Other tests use faster, forked processes."""
    with forked_children.real_children():
        yield


def build(world: World, kind: str = "full") -> Built:
    with factories.in_tenant(world.home):
        report = build_report(tenant=world.home, by=world.people["organization_engineer"], kind=kind)
        # Discard the `on_commit` callbacks, as in tests whose transaction is rolled back.
        connection.run_on_commit.clear()
        with report.file.open("rb") as source:
            return Built(world, report, source.read())


@pytest.fixture(scope="session")
def stored_report(
    stored_world: bytes, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, Path]:
    """A report and its SURETY_HOME.

    The report is built and committed once per process, because building takes seconds.
    """
    home = tmp_path_factory.mktemp("built")
    with django_db_blocker.unblock(), override_settings(SURETY_HOME=home):
        return databases.make(
            "report",
            lambda: build(pickle.loads(stored_world)),
            based_on="world",
        ), home


@pytest.fixture
def built(stored_report: tuple[bytes, Path], own_home: Path, db: None) -> Built:
    """A report for this test; the test's changes to the database are rolled back."""
    report, home = stored_report
    shutil.copytree(home, own_home, dirs_exist_ok=True)
    made: Built = pickle.loads(report)
    file = Path(made.report.file.path)
    if not file.exists():
        # An earlier test in this process erased the tenant and its files. After that test, only the database was
        # restored.
        made.report.file.storage.save(made.report.file.name, ContentFile(made.data))
    return made


@dataclass(frozen=True)
class Signed:
    """Small PDF files that were signed once for all tests: at level B-B, and at level B-T with a real time stamp.

    `other` is the identity of another person with the same name, `strange` an authority that is not pinned.
    """

    identity: SigningIdentity
    other: SigningIdentity
    authority: TimeStampAuthority
    strange: TimeStampAuthority
    plain: bytes
    stamped: bytes
    made_at: datetime

    @property
    def trust(self) -> Trust:
        """Trust in the signer's certificate alone."""
        return Trust(certificates=frozenset({self.identity.fingerprint}))


@pytest.fixture(scope="session")
def signed_files(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder = tmp_path_factory.mktemp("signed")
    identities = []
    for name in ("own.p12", "other.p12"):
        signing_identity._create(folder / name)
        identities.append(signing_identity._load(folder / name, None))
    authority, strange = TimeStampAuthority("Honest clock"), TimeStampAuthority("Strange clock")
    (folder / "root.pem").write_bytes(pem(authority.root))
    pdf = small_pdf()
    with pytest.MonkeyPatch.context() as patch, authority.serving() as url:
        patch.delenv("SURETY_TSA_URL", raising=False)
        plain = sign(pdf, identities[0], reason="a test", report=REPORT)
        patch.setenv("SURETY_TSA_URL", url)
        patch.setenv("SURETY_TSA_CERTIFICATES", str(folder / "root.pem"))
        stamped = sign(pdf, identities[0], reason="a test", report=REPORT)
    own, other = identities
    return Signed(own, other, authority, strange, plain, stamped, datetime.now(UTC))


@pytest.fixture
def signed() -> bytes:
    """Return a small PDF, signed by the identity in the test's own folder."""
    return sign(small_pdf(), ensure_signing_identity(), reason="a test")


@pytest.fixture(scope="session")
def archive_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archived]:
    """Files of each level, signed once for all tests."""
    # `archive_files` imports this module, so an import at the top would be circular.
    from tests.portal.reports.archive_files import signed_archives

    yield from signed_archives(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def pki(tmp_path: Path, settings: Any) -> Iterator[Pki]:
    """A public-key infrastructure that only one test uses, so the test may revoke its certificates."""
    settings.SURETY_REVOCATION_ALLOWED_HOSTS = ["127.0.0.1"]
    folder = tmp_path / "pki"
    folder.mkdir()
    with serving(folder) as made:
        yield made


@cache
def small_pdf() -> bytes:
    """Return an unsigned PDF of one page with an attachment."""
    html = '<html lang="en"><head><title>T</title></head><body><h1>T</h1><p>Text</p></body></html>'
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(render_document(html, created=datetime.now(UTC)).content)) as pdf:
        pdf.attachments["results.json"] = pikepdf.AttachedFileSpec(
            pdf, b'{"score": 41}', filename="results.json"
        )
        pdf.save(out)
    return out.getvalue()


def attachments_of(
    tenant: Tenant, assessment: Assessment | None = None, kind: str = "full"
) -> dict[str, bytes]:
    """Request a report, and return its attachments by name. To save seconds, do not render or sign the report."""
    report = request_report(tenant=tenant, by=factories.BY, assessment=assessment, kind=kind)
    facts = gather_facts(report, ensure_signing_identity())
    _, files = attach(facts, tenant, unit_manifests(report.assessment))
    return {file.name: file.content for file in files}


def attached(data: bytes, name: str) -> bytes:
    """Return the content of the attachment with this name."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return pdf.attachments[name].get_file().read_bytes()


def text_of(data: bytes, tmp_path: Path, order: str = "-layout") -> str:
    """Return the text of the PDF with single spaces. `order` is an option of pdftotext. With `-layout`, the text of a
    table row with several lines alternates between the cells, line by line.
    """
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    done = subprocess.run(["pdftotext", order, str(path), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())
