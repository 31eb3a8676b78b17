"""A report on very many verdicts lists only some of them, says where the others are, and counts all of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import timezone

from assessments.evaluate import digest
from assessments.models import EvidenceItem, Unit
from portal.reports.actions import request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.embedding import embed
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.parts import result_rows, results
from portal.reports.parts.result_rows import ControlView
from tests import factories
from tests.portal.reports.conftest import Built, attachments_of
from tests.portal.reports.many_verdicts import CONTROL, add_many_findings
from tests.portal.reports.schemas import problems_of_attachments
from tests.portal.web.world import World


@pytest.fixture
def stored(world: World, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    return add_many_findings(world, monkeypatch)


@pytest.fixture
def crowded(world: World, stored: Counter[str]) -> dict[str, Any]:
    """The attachments of a report on the verdicts that `stored` has added."""
    with factories.in_tenant(world.home):
        return {
            name: content if name.endswith(".csv") else json.loads(content)
            for name, content in attachments_of(world.home).items()
        }


def control_of(crowded: dict[str, Any]) -> dict[str, Any]:
    sections = crowded["results.json"]["sections"]
    (found,) = [
        control for section in sections for control in section["controls"] if control["slug"] == CONTROL
    ]
    return dict(found)


@pytest.mark.slow(seconds=1)
def test_results_list_all_failures_and_some_passes(crowded: dict[str, Any], stored: Counter[str]) -> None:
    control = control_of(crowded)
    assert control["counts"] == stored
    assert Counter(row["outcome"] for row in control["findings"]) == {"fail": stored["fail"], "pass": 3}
    assert control["findings_not_listed"] == {"pass": stored["pass"] - 3}


@pytest.mark.slow(seconds=1)
def test_files_of_a_large_report_follow_their_schemas(crowded: dict[str, Any], tmp_path: Path) -> None:
    assert crowded["evidence-manifest.json"]["format"] == "surety-evidence-manifest/2"
    files = {
        name: json.dumps(content).encode()
        for name, content in crowded.items()
        if not isinstance(content, bytes)
    }
    assert problems_of_attachments(files, tmp_path) == []


@pytest.mark.slow(seconds=1)
def test_the_pages_have_few_failures_of_each_control(
    world: World, stored: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages list more failures of a control if its severity is critical or high."""
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=factories.BY)
        facts = gather_facts(report, ensure_signing_identity())

    def view() -> ControlView:
        sections = results.PART.context(facts)["section_views"]
        (one,) = [view for section in sections for view in section.failing if view.fact.slug == CONTROL]
        return one

    assert len(view().rows) == 1
    assert view().hidden == [(stored["fail"] - 1, "Fail")]
    fix = view().fix
    assert fix is not None
    assert (fix.findings, fix.of) == (1, stored["fail"])
    monkeypatch.setattr(result_rows, "SEVERE", (view().fact.severity,))
    assert len(view().rows) == 3
    assert view().hidden == [(stored["fail"] - 3, "Fail")]


@pytest.mark.slow(seconds=1)
def test_the_table_has_every_verdict(crowded: dict[str, Any], stored: Counter[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(crowded["results.csv"].decode("utf-8-sig"))))
    assert Counter(row["outcome"] for row in rows if row["control"] == CONTROL) == stored
    assert Counter(row["outcome"] for row in rows) == crowded["results.json"]["counts"]
    assert {len(row["observed_sha256"]) for row in rows} == {12}


@pytest.mark.slow(seconds=1)
def test_oscal_counts_the_verdicts_without_an_observation(
    crowded: dict[str, Any], stored: Counter[str]
) -> None:
    (result,) = crowded["oscal-assessment-results.json"]["assessment-results"]["results"]
    found: Counter[str] = Counter()
    own = 0
    for observation in result["observations"]:
        about = {prop["name"]: prop["value"] for prop in observation["props"]}
        if about["control"] == CONTROL:
            found[about["outcome"]] += int(about.get("verdicts", 1))
            own += "verdicts" not in about
    assert found == stored
    assert own == 6
    observations = {observation["uuid"] for observation in result["observations"]}
    (finding,) = [row for row in result["findings"] if row["target"]["target-id"] == CONTROL]
    related = [row["observation-uuid"] for row in finding["related-observations"]]
    assert len(related) == 8
    assert set(related) <= observations


@pytest.mark.slow(seconds=1)
def test_oscal_names_the_file_that_lists_the_other_verdicts(
    world: World, crowded: dict[str, Any], stored: Counter[str]
) -> None:
    with factories.in_tenant(world.home):
        framework = attachments_of(world.home, kind="framework")["oscal-assessment-results.json"]
    assert _others(crowded["oscal-assessment-results.json"]) == {
        "fail": "The attachment results.csv lists them.",
        "pass": "The attachment results.csv lists them.",
    }
    assert _others(json.loads(framework)) == {
        "fail": "The attachment results.json lists them.",
        "pass": "This report only counts them. A full report lists them in results.csv.",
    }


def _others(document: dict[str, Any]) -> dict[str, str]:
    """Return {outcome: the sentence that says where its further verdicts are listed}."""
    found = {}
    for observation in document["assessment-results"]["results"][0]["observations"]:
        about = {prop["name"]: prop["value"] for prop in observation["props"]}
        if about["control"] == CONTROL and "verdicts" in about:
            found[about["outcome"]] = observation["description"].partition(". ")[2]
    return found


@pytest.mark.slow(seconds=1)
def test_the_manifest_has_all_evidence_once(crowded: dict[str, Any]) -> None:
    held = [item["sha256"] for item in crowded["evidence-manifest.json"]["evidence"]]
    rows = csv.DictReader(io.StringIO(crowded["results.csv"].decode("utf-8-sig")))
    shown = {sha for row in rows for sha in row["evidence_sha256"].split()}
    assert shown
    assert shown <= {sha[:12] for sha in held}
    assert len(held) == len(set(held))


@pytest.mark.slow(seconds=1)
@pytest.mark.parametrize("version", [1, 2])
def test_the_manifest_of_a_unit_can_be_verified(
    world: World, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """The hash of a unit's manifest is the hash that the report prints.

    In a large report, the manifest cites evidence by index in a list of hashes. The printed hash is that of the
    manifest in which each index is replaced by the evidence's hash.
    """
    if version == 2:
        monkeypatch.setattr(results, "LARGE", 1)
    with factories.in_tenant(world.home):
        stored = list(EvidenceItem.objects.values_list("document_id", "sha256"))
        answers = {"storage_accounts": {"/subscriptions/a": [[document, [sha]] for document, sha in stored]}}
        content = {"unit": "/subscriptions/a", "answers": answers}
        manifest = EvidenceItem.objects.create(
            tenant=world.home,
            sha256=digest(content),
            source="manifest",
            collection="manifest",
            document_id="/subscriptions/a",
            collected_at=timezone.now(),
            content=content,
        )
        Unit.objects.filter(tenant=world.home).update(manifest=manifest)
        found = json.loads(attachments_of(world.home)["evidence-manifest.json"])
    assert found["format"] == f"surety-evidence-manifest/{version}"
    hashes = [item["sha256"] for item in found["evidence"]]
    assert stored
    assert found["units"]
    for unit in found["units"]:
        (documents,) = unit["answers"]["storage_accounts"].values()
        if version == 2:
            documents[:] = [[document, [hashes[place] for place in places]] for document, places in documents]
        shown = {key: value for key, value in unit.items() if key not in ("name", "manifest_sha256")}
        assert digest(shown) == unit["manifest_sha256"] == digest(content)


def test_attachments_are_compressed_with_their_size_and_checksum(built: Built) -> None:
    with pikepdf.open(io.BytesIO(built.data)) as pdf:
        assert sorted(pdf.attachments) == sorted(str(file.UF) for file in pdf.Root.AF)
        for file in pdf.Root.AF:
            stream = file.EF.F
            content = stream.read_bytes()
            assert stream.Filter == "/FlateDecode"
            assert len(stream.read_raw_bytes()) < len(content)
            assert int(stream.Params.Size) == len(content)
            assert bytes(stream.Params.CheckSum) == hashlib.md5(content, usedforsecurity=False).digest()
            assert file.AFRelationship in ("/Data", "/Source", "/Alternative")
            kind = "csv" if str(file.UF).endswith(".csv") else "json"
            assert stream.Subtype in (f"/text/{kind}", f"/application/{kind}")


@pytest.mark.slow(seconds=1)
def test_embedding_does_not_compress_again(world: World) -> None:
    with factories.in_tenant(world.home):
        report = request_report(tenant=world.home, by=factories.BY)
        facts = gather_facts(report, ensure_signing_identity())
        _, files = attach(facts, world.home, unit_manifests(report.assessment))
    with pikepdf.new() as pdf:
        embed(pdf, files, report.created_at)
        out = io.BytesIO()
        pdf.save(out)
    for file in files:
        assert file.deflated in out.getvalue()
        assert file.sha256 == hashlib.sha256(file.content).hexdigest()
        assert file.size == len(file.content)
