"""Re-performance: the evidence of an assessment, exported and judged again, gives the same verdicts."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from assessments.actions.profiles import switch_off
from assessments.actions.scans.imports import import_scan
from assessments.actions.start import start
from assessments.management.lookup import find_assessment
from assessments.management.sandboxed import serve
from assessments.models import Assessment, EvidenceItem, Finding, Resource, Unit
from tenants.actions import rotate_credential
from tenants.models import Directory, Tenant
from tenants.scope import tenant_scope
from tests.assessments.assessed_customer import assess, generate, lines_of, registered_reader, stored, write
from tests.assessments.export.reperformance import (
    customer_with,
    differences,
    subscriptions_of,
    with_failing_requests,
)
from tests.factories.places import BY
from tests.recorded_estates import recorded_estate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def assessed(estate: Path) -> tuple[Tenant, Any]:
    with serve(estate) as served:
        tenant = registered_reader(served).directory.tenant
        return tenant, assess(tenant)


@pytest.mark.parametrize("seed", [3, 8])
def test_verdicts_of_a_fully_read_customer_are_reproduced(seed: int, tmp_path: Path) -> None:
    estate = generate(tmp_path / "estate.jsonl", "--subscriptions=2", f"--seed={seed}", "--resources=120")
    tenant, assessment = assessed(estate)
    assert {verdict for verdict, _ in stored(tenant).values()} >= {"pass", "fail", "not_applicable", "manual"}
    with tenant_scope(tenant.pk):
        cited = {
            sha
            for row in Finding.objects.exclude(outcome__in=["unknown", "manual"])
            for sha in row.evidence or [""]
        }
        items = {row.sha256: row for row in EvidenceItem.objects.all()}
        assert cited <= items.keys()
        absent = {sha for sha in cited if "scopes" in items[sha].content}
        assert (
            absent
            <= {sha for unit in Unit.objects.all() for sha in unit.manifest.content.get("lists", [])}
            != set()
        )
    found = differences(tenant, assessment, tmp_path)
    assert found == {}


def test_verdicts_on_imported_scans_are_reproduced(tmp_path: Path) -> None:
    estate = generate(tmp_path / "estate.jsonl", "--subscriptions=2", "--seed=3", "--resources=120")
    with serve(estate) as served:
        tenant = registered_reader(served).directory.tenant
        assess(tenant)
        with tenant_scope(tenant.pk):
            machines = Resource.objects.filter(type__iexact="Microsoft.Compute/virtualMachines").order_by(
                "key"
            )
            scanned = list(machines.values_list("resource_id", flat=True))[1:]
            import_scan(
                tenant=tenant,
                by=BY,
                origin="api",
                file_name="defender.csv",
                content=defender_table(scanned).encode(),
            )
        assessment = assess(tenant)
    outcomes = stored(tenant)
    assert {outcomes["vm-software-patches", one.casefold()][0] for one in scanned} >= {"pass", "fail"}
    assert {
        verdict
        for (control, _), (verdict, _) in outcomes.items()
        if control == "operations-vulnerability-scans"
    } <= {"pass", "fail"}
    assert differences(tenant, assessment, tmp_path) == {}


def defender_table(machines: list[str]) -> str:
    """A CSV file of Defender in which every second machine has had a vulnerability since January 2026."""
    rows = [
        f"{timezone.now().isoformat()},CVE-1,Old TLS library,High,{'Unhealthy' if number % 2 else 'Healthy'},{machine}"
        for number, machine in enumerate(machines)
    ]
    old = [f"2026-01-01T00:00:00Z,CVE-1,Old TLS library,High,Unhealthy,{one}" for one in machines[1::2]]
    return "\n".join(
        ["timeGenerated,subAssessmentId,subAssessmentName,severity,status,resourceId", *rows, *old]
    )


def test_verdicts_with_every_kind_of_failure_are_reproduced(tmp_path: Path) -> None:
    lines = lines_of(generate(tmp_path / "whole.jsonl", "--subscriptions=2", "--seed=5", "--resources=150"))
    scopes = subscriptions_of(lines)
    tenant, assessment = assessed(write(tmp_path / "estate.jsonl", with_failing_requests(lines, scopes)))
    with tenant_scope(tenant.pk):
        reasons = {gap["reason"] for unit in Unit.objects.all() for gap in unit.gaps}
    assert reasons >= {"forbidden", "server_error", "bad_answer", "not_found", "licence_missing"}
    assert sum(verdict == "unknown" for verdict, _ in stored(tenant).values()) > 20
    assert differences(tenant, assessment, tmp_path) == {}


def test_verdicts_with_missing_permissions_are_reproduced(tmp_path: Path) -> None:
    lines = lines_of(generate(tmp_path / "whole.jsonl", "--subscriptions=1", "--seed=6", "--resources=60"))
    for line in lines:
        if "directory" in line:
            line["directory"]["clients"][0]["graph"] = ["User.Read.All", "Policy.Read.All"]
    tenant, assessment = assessed(write(tmp_path / "estate.jsonl", lines))
    assert differences(tenant, assessment, tmp_path) == {}


def test_verdicts_after_a_failed_sign_in_are_unknown(tmp_path: Path) -> None:
    """The stored verdicts are unknown or manual. Re-performance gives the same verdicts or, on some subjects, none."""
    estate = generate(tmp_path / "estate.jsonl", "--subscriptions=1", "--seed=7", "--resources=60")
    with serve(estate) as served:
        principal = registered_reader(served)
        tenant = principal.directory.tenant
        assess(tenant)
        with tenant_scope(tenant.pk):
            rotate_credential(by=BY, service_principal=principal, secret="no-longer~the.right-secret")
        assessment = assess(tenant)
    verdicts = [verdict for verdict, _ in stored(tenant).values()]
    assert set(verdicts) <= {"unknown", "manual"}
    assert verdicts.count("unknown") > 50
    # Some earlier findings became unknown without new evidence, so re-performance gives no verdict on them. There are
    # no other differences.
    left = differences(tenant, assessment, tmp_path)
    assert {key: pair for key, pair in left.items() if pair[1] is not None} == {}
    assert {pair[0][0] for pair in left.values()} == {"unknown"}


def test_an_excluded_subscription_is_not_exported_as_a_unit(tmp_path: Path) -> None:
    lines = lines_of(generate(tmp_path / "whole.jsonl", "--subscriptions=2", "--seed=9", "--resources=60"))
    first, second = subscriptions_of(lines)
    text = [json.dumps(line) for line in lines]
    # The first subscription's alerts notify action groups of the second, excluded subscription.
    moved = [
        json.loads(t.replace(f'"actionGroupId": "{first}/', f'"actionGroupId": "{second}/')) for t in text
    ]
    groups = [line for line in lines if "/actiongroups/" in str(line.get("id")).casefold()]
    copies = [json.loads(json.dumps(line).replace(first, second)) for line in groups]
    with serve(write(tmp_path / "estate.jsonl", [*moved, *copies])) as served:
        tenant = customer_with(served, [first, second], excluded=[second])
        assessment = assess(tenant)
    with tenant_scope(tenant.pk):
        unit = Unit.objects.get(assessment=assessment, kind="subscription")
        found = unit.manifest.content["answers"]["foreign_action_groups"]
    assert any(scope.startswith(second) and rows for scope, rows in found.items())
    assert differences(tenant, assessment, tmp_path) == {}


def test_the_command_reports_errors(tmp_path: Path) -> None:
    estate = generate(tmp_path / "estate.jsonl", "--subscriptions=1", "--seed=3", "--resources=40")
    tenant, _ = assessed(estate)
    with pytest.raises(CommandError, match="no customer 'nobody'"):
        call_command("export_evidence", "nobody")
    with pytest.raises(CommandError, match="no assessment 7"):
        call_command("export_evidence", tenant.slug, assessment=7)
    with pytest.raises(CommandError, match="covers 1 directories"):
        call_command("export_evidence", tenant.slug, directory="00000000-0000-0000-0000-000000000000")
    with pytest.raises(CommandError, match="Could not write"):
        call_command("export_evidence", tenant.slug, output=tmp_path / "absent" / "file.jsonl")
    out, err = io.StringIO(), io.StringIO()
    call_command("export_evidence", tenant.slug, stdout=out, stderr=err)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert "directory" in lines[0]
    assert f"Exported {len(lines)} lines of Assessment 1" in err.getvalue()
    assert "assess_estate FILE --now" in err.getvalue()
    assert "--cloud" not in err.getvalue()
    with tenant_scope(tenant.pk):
        Directory.objects.filter(tenant=tenant).update(cloud_name="AzureChinaCloud")
    again = io.StringIO()
    call_command("export_evidence", tenant.slug, stdout=io.StringIO(), stderr=again)
    assert again.getvalue().rstrip().endswith("--cloud AzureChinaCloud")
    # If no number is given, the newest assessment that covers all units is exported. An assessment of only some units,
    # such as one of the watch, does not count.
    with tenant_scope(tenant.pk):
        switch_off(tenant=tenant, by=BY, slug="storage-secure-transfer", reason="Checked by hand")
        part = start(tenant=tenant, by=BY, only=["directory:x"])
        Assessment.objects.filter(pk=part.pk).update(state="finished", ended_at=timezone.now())
        assert find_assessment(tenant, None).number == 1
        assert find_assessment(tenant, 2).number == 2
        Assessment.objects.filter(tenant=tenant, number=1).update(parameters=part.parameters)
    notes = io.StringIO()
    call_command("export_evidence", tenant.slug, stdout=io.StringIO(), stderr=notes)
    assert "the assessment did not judge 1 controls" in notes.getvalue()
    assert "own parameters" not in notes.getvalue()
    # The export is redacted: it contains no name and no address of a person.
    text = estate.read_text(encoding="utf-8")
    people = [row["value"]["userPrincipalName"] for row in lines_of(estate) if row.get("graph") == "users"]
    assert people
    assert not [name for name in people if name in out.getvalue()]
    assert len(out.getvalue()) < len(text)


@pytest.mark.parametrize("name", ["recorded-lab.jsonl", "example.jsonl"])
def test_verdicts_on_recorded_estates_are_reproduced(name: str, tmp_path: Path) -> None:
    """Unlike generated documents, recorded documents contain ids as Azure itself spells them."""
    tenant, assessment = assessed(recorded_estate(name))
    assert differences(tenant, assessment, tmp_path) == {}
