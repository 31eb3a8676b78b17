"""`reperform_report` and `surety-verify` judge an evidence bundle again without a database: verdicts are the same."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments.actions.control_settings import set_control_values
from assessments.actions.start import start
from assessments.actions.units.run import run_unit
from assessments.controls.registry import catalogue, catalogue_hash
from assessments.management.sandboxed import serve
from assessments.models import Assessment, EvidenceItem, Finding, Unit
from portal.reports.actions import build_report
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from portal.reports.models import Report
from portal.reports.parts import results
from portal.reports.reperformance import texts
from portal.reports.reperformance.archive import NAME, program_archive
from portal.reports.reperformance.compare import compare
from portal.reports.reperformance.inputs import SHORT_HASH
from portal.reports.reperformance.read import read_bundle
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.as_owner import change_as_owner
from tests.assessments.assessed_customer import assess, generate, lines_of, registered, write
from tests.assessments.export.reperformance import subscriptions_of, with_failing_requests
from tests.assessments.own.published import publish_control
from tests.factories.places import BY
from tests.portal.reports.conftest import attached
from tests.portal.reports.schemas import problems, problems_of_attachments

ROOT = Path(__file__).resolve().parents[4]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=25)]


@dataclass
class Bundled:
    """A customer of whom not everything could be read, with a bundle of its full report."""

    tenant: Tenant
    report: Report
    path: Path
    fingerprint: str

    def judge(self, *options: str, bundle: Path | None = None) -> tuple[int, str]:
        """Run the command `reperform_report` in this process. Return its exit status and output."""
        out = io.StringIO()
        try:
            call_command(
                "reperform_report",
                str(bundle or self.path),
                "--fingerprint",
                self.fingerprint,
                *options,
                stdout=out,
            )
        except SystemExit as ended:
            return int(str(ended.code)), out.getvalue()
        except CommandError as error:
            return error.returncode, out.getvalue() + str(error)
        return 0, out.getvalue()

    def judge_elsewhere(self, home: Path, *options: str) -> tuple[int, str]:
        """Run the command as an auditor does: in a new process without settings, keys, database or broker."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SURETY_") and name not in ("DATABASE_URL", "BROKER_URL")
        }
        command = (sys.executable, "manage.py", "reperform_report", str(self.path))
        done = subprocess.run(
            [*command, "--fingerprint", self.fingerprint, *options],
            cwd=ROOT,
            env={**environment, "SURETY_HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def judge_with_program(
        self, packages: Path, *options: str, bundle: Path | None = None, fingerprint: str | None = None
    ) -> tuple[int, str]:
        """Run `surety-verify` in a folder of its own, with only pyHanko's packages and only the variable PYTHONPATH."""
        folder = self.path.parent / "program"
        folder.mkdir(exist_ok=True)
        (folder / NAME).write_bytes(program_archive())
        # Others can place a module like this in a folder of downloads. The program must not import it.
        (folder / "json.py").write_text("raise SystemExit(9)\n")
        pinned = self.fingerprint if fingerprint is None else fingerprint
        arguments = [str(bundle or self.path), *(["--fingerprint", pinned] if pinned else []), *options]
        done = subprocess.run(
            [sys.executable, "-S", NAME, *arguments],
            cwd=folder,
            env={"PYTHONPATH": f"{packages}:{folder}"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


def customer(folder: Path) -> Tenant:
    """Return a customer with its own control parameters, with units of two assessments, and with gaps of every kind."""
    lines = lines_of(generate(folder / "whole.jsonl", "--subscriptions=2", "--seed=5", "--resources=60"))
    scopes = subscriptions_of(lines)
    with serve(write(folder / "estate.jsonl", with_failing_requests(lines, scopes))) as served:
        reader = served.principals[0]
        principal = registered(served.url, served.ca, reader.directory_id, reader.client_id, reader.secret)
        tenant: Tenant = principal.directory.tenant
        publish_control(tenant.organization)
        assess(tenant)
        with tenant_scope(tenant.pk):
            set_control_values(tenant=tenant, by=BY, slug="logging-retention-flow", values={"min_days": 400})
            again = start(tenant=tenant, by=BY, only=[f"/subscriptions/{scopes[0].rpartition('/')[2]}"])
        run_units(tenant, again)
    return tenant


def run_units(tenant: Tenant, assessment: Any) -> None:
    from assessments.actions.prepare import prepare

    prepare(tenant_id=tenant.pk, assessment_id=assessment.pk)
    with tenant_scope(tenant.pk):
        units = list(Unit.objects.filter(assessment=assessment).values_list("pk", flat=True))
    assert len(units) == 1
    for unit in units:
        run_unit(tenant_id=tenant.pk, unit_id=unit, worker="test")


def bundle_of(tenant: Tenant, folder: Path, **choices: Any) -> Bundled:
    with tenant_scope(tenant.pk):
        newest = Assessment.objects.filter(tenant=tenant).latest("number")
        report = build_report(tenant=tenant, by=BY, assessment=newest, **choices)
    path = folder / f"bundle-{report.number}.zip"
    call_command("export_bundle", tenant.slug, str(report.number), output=path, stdout=io.StringIO())
    return Bundled(tenant, report, path, ensure_signing_identity().fingerprint)


def test_a_bundle_judged_again_gives_the_verdicts_of_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_pyhanko: Path
) -> None:
    home = tmp_path / "auditor"
    home.mkdir()
    tenant = customer(tmp_path)
    full = bundle_of(tenant, tmp_path)
    status, output = full.judge_elsewhere(home)
    assert status == 0, output
    assert not (home / "postgres.lock").exists(), "a server was started"
    with tenant_scope(tenant.pk):
        findings = Finding.objects.filter(tenant=tenant, gone_at__isnull=True).count()
        numbers = set(Unit.objects.filter(tenant=tenant).values_list("assessment__number", flat=True))
    assert numbers == {1, 2}
    with tenant_scope(tenant.pk):
        own = Finding.objects.filter(tenant=tenant, section="own", gone_at__isnull=True)
        assert set(own.values_list("outcome", flat=True)) >= {"pass", "unknown"}
    assert findings > 100
    assert f"{findings} verdicts, SHA-256 " in output
    assert ", 0 differ" in output
    assert "judged with other controls" not in output
    monkeypatch.setattr(texts, "catalogue_hash", lambda: "0" * 64)
    assert "judged with other controls" in full.judge()[1]
    monkeypatch.undo()
    check_program(full, only_pyhanko, tmp_path)
    summary = bundle_of(tenant, tmp_path, kind="executive")
    status, output = summary.judge()
    assert status == 0, output
    assert f"{findings} verdicts, SHA-256 " in output
    for damage, sentence in DAMAGES.items():
        damaged = rewritten(full.path, tmp_path / "damaged.zip", damage)
        status, output = full.judge(bundle=damaged)
        assert status == 2, (sentence, output)
        assert sentence in output
    check_schemas(full, tmp_path)
    check_counted_verdicts(full)
    check_earlier_catalogue(full)
    check_signer(full, tmp_path)
    check_sample(full, tmp_path)
    check_large_report(tenant, tmp_path, only_pyhanko)
    check_false_verdict(tenant, tmp_path, only_pyhanko)
    check_deleted_evidence(tenant, full, tmp_path)


def check_schemas(bundled: Bundled, folder: Path) -> None:
    """The attachments of a report on hundreds of verdicts, and every piece of evidence, follow the schemas."""
    with zipfile.ZipFile(bundled.path) as archive:
        lines = archive.read("evidence.jsonl").splitlines()
        report = archive.read("report.pdf")
    files = {name: attached(report, name) for name in KINDS["full"].attachments}
    assert problems_of_attachments(files, folder) == []
    assert lines
    assert [problem for line in lines for problem in problems("evidence", json.loads(line))] == []
    assert problems("evidence", {**json.loads(lines[0]), "novel": 1})


def check_counted_verdicts(bundled: Bundled) -> None:
    """A large report lists only some of the passes of a control, and states the number of the others. If the
    report omits a failure or states a wrong number, `compare` finds it.
    """
    content = zipfile.ZipFile(bundled.path).read("report.pdf")
    whole = read_bundle(bundled.path, content)
    controls = list(catalogue().values())
    passes = Counter((row.control, row.outcome) for row in whole.verdicts if row.outcome == "pass")
    key, number = passes.most_common(1)[0]
    large = replace(
        whole,
        verdicts=[row for row in whole.verdicts if (row.control, row.outcome) != key],
        counted={key: number},
    )
    found = compare(large, controls)
    assert (found.additional, found.miscounted) == ([], {})
    assert compare(replace(large, counted={key: number - 1}), controls).miscounted == {key: number - 1}
    failing = next(row for row in large.verdicts if row.outcome == "fail")
    without = replace(large, verdicts=[row for row in large.verdicts if row != failing])
    assert [(control, outcome) for control, _, outcome in compare(without, controls).additional] == [
        (failing.control, "fail")
    ]


def check_earlier_catalogue(bundled: Bundled) -> None:
    """The verdicts of one unit are from an earlier assessment, which used another catalogue of controls."""
    whole = read_bundle(bundled.path, zipfile.ZipFile(bundled.path).read("report.pdf"))
    assert set(whole.catalogues) == {catalogue_hash()}
    assert len(whole.catalogues) == len(whole.units)
    left = next(row for row in whole.verdicts if row.outcome == "fail")
    others = [row for row in whole.verdicts if row != left]
    mixed = replace(whole, catalogues=["0" * 64, *whole.catalogues[1:]], verdicts=others)
    found = compare(mixed, catalogue().values())
    lines = texts.summary_lines(mixed, found)
    number = len(whole.units)
    assert any(
        f"judged 1 of {number} subscriptions and directories with other controls" in line for line in lines
    )
    rows = [json.loads(line) for line in texts.table_lines(found)]
    assert {"control": left.control, "report": "", "again": left.outcome, "same": False}.items() <= rows[
        -1
    ].items()


def check_signer(bundled: Bundled, folder: Path) -> None:
    """Evidence is read only if the report is signed with an accepted certificate and unchanged."""
    other = Bundled(bundled.tenant, bundled.report, bundled.path, "0" * 64)
    status, output = other.judge()
    assert (status, "not one of the certificates expected here" in output) == (2, True)
    damaged = folder / "signature.zip"
    with zipfile.ZipFile(damaged, "w") as archive:
        for name, content in members(bundled.path):
            archive.writestr(name, content + b" " if name == "report.pdf" else content)
    status, output = bundled.judge(bundle=damaged)
    assert (status, "is not accepted" in output) == (2, True)
    with zipfile.ZipFile(damaged, "a") as archive:
        archive.writestr("../other", "")
    status, output = bundled.judge(bundle=damaged)
    assert (status, "is not an evidence bundle" in output) == (2, True)
    raw = bytearray(bundled.path.read_bytes())
    at = raw.index(b"evidence.jsonl") + 200
    raw[at : at + 50] = bytes(50)
    damaged.write_bytes(raw)
    status, output = bundled.judge(bundle=damaged)
    assert (status, "is damaged" in output) == (2, True)
    damaged.write_bytes(b"PK")
    status, output = bundled.judge(bundle=damaged)
    assert (status, "is not a ZIP file" in output) == (2, True)
    damaged.write_bytes(b"%PDF-1.7")
    status, output = bundled.judge(bundle=damaged)
    assert (status, "is a PDF, not an evidence bundle" in output) == (2, True)


def check_sample(bundled: Bundled, folder: Path) -> None:
    """Samples are drawn from all verdicts in the report's table. The same seed draws the same sample."""
    table = folder / "verdicts.jsonl"
    status, first = bundled.judge("--sample", "7", "--seed", "2027-Q1", "--output", str(table))
    _, second = bundled.judge("--sample", "7", "--seed", "2027-Q1")
    _, other = bundled.judge("--sample", "7", "--seed", "another")
    assert status == 0
    assert first == second
    drawn = [json.loads(line) for line in first.splitlines() if line.startswith("{")]
    assert len(drawn) == 7
    assert drawn != [json.loads(line) for line in other.splitlines() if line.startswith("{")]
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    assert all(row in rows for row in drawn)
    with tenant_scope(bundled.tenant.pk):
        stored = Finding.objects.filter(tenant=bundled.tenant, gone_at__isnull=True)
        lines = sorted(
            (f.control, f.subject.casefold(), f.unit, f.subject, f.outcome, f.observed_sha256) for f in stored
        )
    population = hashlib.sha256(
        "".join(f"{c}\t{subject}\t{u}\t{o}\t{h}\n" for c, _, u, subject, o, h in lines).encode()
    ).hexdigest()
    assert f"SHA-256 {population}" in first
    status, output = bundled.judge("--sample", "7")
    assert (status, "A sample needs a seed" in output) == (2, True)


def check_program(bundled: Bundled, packages: Path, folder: Path) -> None:
    """`surety-verify` agrees with the command `reperform_report`, also in its exit statuses."""
    table, other = folder / "command.jsonl", folder / "program.jsonl"
    options = ("--sample", "3", "--seed", "2027-Q1", "--output")
    expected = bundled.judge(*options, str(table))
    assert bundled.judge_with_program(packages, *options, str(other)) == expected
    assert expected[0] == 0
    assert other.read_text() == table.read_text()
    status, output = bundled.judge_with_program(packages, fingerprint="")
    assert (status, "is not accepted" in output) == (3, True)
    status, output = bundled.judge_with_program(packages, fingerprint="0" * 64)
    assert (status, "not one of the certificates expected here" in output) == (2, True)
    for damage, sentence in list(DAMAGES.items())[:2]:
        damaged = rewritten(bundled.path, folder / "damaged.zip", damage)
        status, output = bundled.judge_with_program(packages, bundle=damaged)
        assert (status, sentence in output) == (2, True), output
    status, output = bundled.judge_with_program(folder / "nothing")
    assert (status, "python -m pip install pyhanko" in output) == (70, True)
    other_version = folder / "other_version" / "pyhanko"
    other_version.mkdir(parents=True)
    (other_version / "__init__.py").touch()
    status, output = bundled.judge_with_program(other_version.parent)
    assert (status, "Traceback" in output) == (70, True), "status 1 would mean that verdicts differ"
    status, output = bundled.judge_with_program(packages, "--sample", "7")
    assert (status, "Choose a seed" in output) == (2, True)
    status, output = bundled.judge_with_program(packages, "--output", str(folder / "none" / "x.jsonl"))
    assert (status, "cannot be written" in output) == (2, True)


def check_large_report(tenant: Tenant, folder: Path, packages: Path) -> None:
    """The table in a large report has only the first digits of the hashes of observed values."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "LARGE", 11)
        large = bundle_of(tenant, folder)
    status, output = large.judge()
    assert status == 0, output
    assert ", 0 differ" in output
    assert large.judge_with_program(packages) == (status, output)
    found = read_bundle(large.path, zipfile.ZipFile(large.path).read("report.pdf"))
    assert {len(row.observed_sha256) for row in found.verdicts} == {SHORT_HASH}
    failing = next(row for row in found.verdicts if row.outcome == "fail")
    for wrong in ("0" * SHORT_HASH, failing.observed_sha256[:-1], ""):
        (row,) = compare(
            replace(found, verdicts=[replace(failing, observed_sha256=wrong)]), catalogue().values()
        ).verdicts
        assert row.differs, wrong


def check_false_verdict(tenant: Tenant, folder: Path, packages: Path) -> None:
    """Re-performance finds a verdict that was changed in the database before the report was signed."""
    with tenant_scope(tenant.pk):
        wrong = (
            Finding.objects.filter(tenant=tenant, outcome="fail", gone_at__isnull=True).order_by("pk").first()
        )
        assert wrong is not None
    change_as_owner(
        "assessments_finding",
        tenant,
        f"UPDATE assessments_finding SET outcome = 'pass', failing_since = NULL WHERE id = '{wrong.pk}'",
    )
    false = bundle_of(tenant, folder, kind="exceptions")
    status, output = false.judge()
    assert status == 1
    assert false.judge_with_program(packages) == (status, output)
    assert ", 1 differ" in output
    assert f"{wrong.control} {wrong.subject}: the report says pass, the evidence gives fail" in output


def check_deleted_evidence(tenant: Tenant, bundled: Bundled, folder: Path) -> None:
    with tenant_scope(tenant.pk):
        cited = set(Unit.objects.filter(tenant=tenant).values_list("manifest", flat=True))
        some = EvidenceItem.objects.filter(tenant=tenant).exclude(pk__in=cited).first()
        assert some is not None
    change_as_owner(
        "assessments_evidenceitem", tenant, f"DELETE FROM assessments_evidenceitem WHERE id = '{some.pk}'"
    )
    with pytest.raises(CommandError, match=r"1 of \d+ pieces of evidence of report 1 are no longer stored"):
        call_command("export_bundle", tenant.slug, "1", output=folder / "none.zip")
    assert not (folder / "none.zip").exists()
    assert not (folder / "none.zip.part").exists()


def changed_value(lines: list[bytes]) -> list[bytes]:
    index = next(i for i, line in enumerate(lines) if b'"enabled":true' in line.lower() or b":true" in line)
    return [*lines[:index], lines[index].replace(b":true", b":false", 1), *lines[index + 1 :]]


def foreign(lines: list[bytes]) -> list[bytes]:
    content = {"id": "/subscriptions/foreign"}
    sha = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
    return [json.dumps({"sha256": sha, "content": content}).encode(), *lines[1:]]


def two_contents(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b'{"content":', b'{"content":{"enabled":false},"content":', 1), *lines[1:]]


DAMAGES: dict[Callable[[list[bytes]], list[bytes]], str] = {
    changed_value: "was changed: its content does not have the SHA-256",
    two_contents: "was changed: it contains more than the content and its SHA-256",
    lambda lines: [lines[0][:-1] + b',"note":"safe"}', *lines[1:]]: "it contains more than the content",
    foreign: "contains evidence that the report does not list",
    lambda lines: lines[1:]: "pieces of evidence that the report lists are missing",
    lambda lines: [*lines, lines[0]]: "contains more data than the report lists",
    lambda lines: [b"[" * 100_000, *lines[1:]]: "is damaged",
    lambda lines: [b"0" * (17 * 2**20), *lines[1:]]: "contains more data than the report lists",
    lambda lines: [b'{"sha256": 1}', *lines[1:]]: "is damaged",
}


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def rewritten(path: Path, target: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(path):
            lines = content.splitlines()
            archive.writestr(name, b"\n".join(change(lines)) + b"\n" if name == "evidence.jsonl" else content)
    return target
