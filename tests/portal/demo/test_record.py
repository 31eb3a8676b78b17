"""Recording a history: earlier states of an estate are assessed as of earlier times. Between the assessments, dates
pass and people act.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from assessments.models import Assessment, Finding, FindingChange
from portal.demo import azure, seed_treatments
from portal.demo.azure import SandboxAddress
from portal.demo.history import record, treatments
from portal.demo.history.inline_tasks import keep_tasks_here
from portal.demo.history.plans import Plan, Step
from portal.demo.people import Customer
from portal.demo.report import write_report
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.reperformance.archive import NAME, program_archive
from portal.treatment.actions.attestations.attest import attest
from portal.treatment.actions.transitions import apply_transitions
from portal.treatment.models import Attestation, Snapshot
from tenants import journal
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import tenant_scope
from tests import factories, verapdf
from tests.portal.reports.offline.verifier_process import Verifier
from tests.portal.reports.signature_commands import run_printed_commands
from tests.sandbox.running import running
from tests.signed_in import signed_in_client

pytestmark = pytest.mark.slow(seconds=15)

TODAY = datetime(2026, 11, 25, tzinfo=UTC)
BEGINNING = TODAY - timedelta(days=30)
PLAN = Plan((Step(28), Step(4, full=False)), minute=10)


@pytest.fixture(scope="module")
def tenant(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Tenant:
    """A customer with thirty days of history, in which one manual control was attested for ten days."""
    folder = tmp_path_factory.mktemp("history")
    estate = azure.write_estate(Customer("recorded", "Recorded", "small", 1, 40, 0.3, 7), folder)
    before = estate.read_bytes()
    keep_tasks_here()
    with running(folder / "state", estate, "--no-throttle") as served:
        sandbox = SandboxAddress(served.url, served.ca, served.ready["directories"])
        with time_machine.travel(BEGINNING, tick=True) as clock:
            tenant = _register(sandbox)
            _add_people(tenant)
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(treatments.ACTS, tenant.slug, ((20, _attest_for_ten_days),))
                record.Recorder(tenant, PLAN, estate, sandbox, clock).record(TODAY)
    assert estate.read_bytes() == before
    return tenant


def _register(sandbox: SandboxAddress) -> Tenant:
    directory = sandbox.directories[0]
    client = directory["clients"][0]
    tenant = factories.tenant(slug="recorded")
    place = factories.directory(
        tenant,
        directory_id=directory["tenantId"],
        cloud="custom",
        cloud_settings={
            "authority": sandbox.url,
            "arm": sandbox.url,
            "graph": sandbox.url,
            "arm_scope": f"{sandbox.url}/.default",
            "ca": sandbox.ca,
        },
    )
    factories.service_principal(place, client_id=client["clientId"], secret=client["secret"])
    return tenant


def _add_people(tenant: Tenant) -> None:
    """Add the people whom the recorder finds by the local parts of their addresses."""
    factories.member(
        Role.ORGANIZATION_ENGINEER,
        tenant.organization,
        factories.person("engineer@recorded.example", "Emil Engineer"),
    )
    for local_part, role in (
        ("owner", Role.OWNER),
        ("approver", Role.APPROVER),
        ("customer", Role.TENANT_ADMINISTRATOR),
    ):
        factories.member(role, tenant, factories.person(f"{local_part}@recorded.example"))


def _attest_for_ten_days(scene: treatments.Scene) -> None:
    manual = Finding.objects.filter(tenant=scene.tenant, outcome="manual").order_by("control", "id")[0]
    until = datetime.now(UTC) + timedelta(days=10)
    attest(finding=manual, by=factories.person(), met=True, statement="Reviewed.", valid_until=until)


def test_the_engineer_starts_the_assessments(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        starters = {str(row.requested_by) for row in Assessment.objects.select_related("requested_by")}
    assert starters == {"Emil Engineer"}


def test_assessments_have_the_times_of_the_plan_and_their_verdicts_too(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        days = [(TODAY - row.created_at).days + 1 for row in Assessment.objects.order_by("number")]
        ended = [row.ended_at.date() for row in Assessment.objects.order_by("number")]
        changes = set(FindingChange.objects.exclude(before_outcome="").values_list("at__date", flat=True))
    assert days == [28, 4]
    assert changes == {ended[1]}


def test_failures_that_end_between_two_assessments_are_counted_on_the_day_of_the_second(
    tenant: Tenant,
) -> None:
    with tenant_scope(tenant.pk):
        closed = dict(Snapshot.objects.values_list("day", "closed"))
        since = set(Finding.objects.filter(outcome="fail").values_list("failing_since__date", flat=True))
    assert closed.pop((TODAY - timedelta(days=4)).date()) > 0
    assert set(closed.values()) == {0}
    assert (TODAY - timedelta(days=28)).date() in since


def test_an_attestation_expires_on_its_day_and_not_at_the_end(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        row = Attestation.objects.get()
        states = {row.day: row.states for row in Snapshot.objects.all()}
    assert row.lapsed_at is not None
    assert row.lapsed_at.date() == row.valid_until.date() + timedelta(days=1)
    assert len(states) == 28
    assert states[row.valid_until.date() - timedelta(days=1)]["attested"] == 1
    assert states[row.lapsed_at.date()]["lapsed"] == 1


def test_the_journal_is_intact_and_in_order(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        times = [row.at for row in journal.entries(tenant)]
        assert journal.verify(tenant) == []
    assert times == sorted(times)
    assert times[0].date() < (TODAY - timedelta(days=27)).date()


@dataclass(frozen=True)
class Reported:
    """The customer's full report as the demonstration writes it, and the certificate that signed it."""

    report: Report
    path: Path
    fingerprint: str


@pytest.fixture(scope="module")
def reported(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """Add the treatments of the demonstration, and write the customer's report. It is signed with the self-signed
    certificate that the demonstration creates.
    """
    folder = tmp_path_factory.mktemp("reported")
    with override_settings(SURETY_HOME=folder):
        with tenant_scope(tenant.pk):
            people = seed_treatments.load_actors()
            treatments._assign_by_rules(treatments.Scene(tenant, people, sandbox_url=""))
            seed_treatments.seed_large_customer(tenant, people)
            apply_transitions(tenant=tenant)
        report, result = write_report(tenant, folder / "report.pdf")
        assert (result.level, result.self_signed) == ("B-B", True)
        yield Reported(report, folder / "report.pdf", ensure_signing_identity().fingerprint)


def test_an_auditor_downloads_the_report_and_every_program_accepts_it(
    tenant: Tenant, reported: Reported, only_pyhanko: Path, tmp_path: Path
) -> None:
    """pdfsig, OpenSSL and the single-file verifier accept the downloaded file. Re-performance gives equal verdicts."""
    auditor = signed_in_client(factories.member(Role.AUDITOR, tenant))
    answer = auditor.get(reverse("report-download", args=[tenant.slug, reported.report.pk]))
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert data == reported.path.read_bytes()
    if not shutil.which("pdfsig"):
        pytest.fail("pdfsig is not installed. Run “make setup”.")
    printed = run_printed_commands(tmp_path / "files", data)
    assert "CMS Verification successful" in printed
    assert "Signature is Valid" in printed
    assert "Total document signed" in printed
    assert reported.fingerprint.upper() in printed.replace(":", "")
    (verified,) = Verifier(only_pyhanko, tmp_path).results([data], reported.fingerprint)
    assert (verified["verdict"], verified["problems"], verified["level"]) == ("valid", [], "B-B")
    assert verified["covers_whole_file"]
    call_command("export_bundle", tenant.slug, str(reported.report.number), output=tmp_path / "bundle.zip")
    (tmp_path / NAME).write_bytes(program_archive())
    done = subprocess.run(
        [sys.executable, "-S", NAME, "bundle.zip", "--fingerprint", reported.fingerprint],
        cwd=tmp_path, env={"PYTHONPATH": str(only_pyhanko)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 differ" in done.stdout


@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF cannot run: {verapdf.missing()}")
def test_the_report_conforms_to_pdf_a_and_pdf_ua(reported: Reported) -> None:
    assert verapdf.problems([reported.path]) == {str(reported.path): {"PDF/A-3a": [], "PDF/UA-1": []}}
