"""Processor time, memory and size of a report for N findings (default 500): python benchmarks/report.py [N].

Facts are invented, over the real catalogue; gathering from the database is left out (it is a few queries).
"""

import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from assessments.controls.registry import SECTIONS, catalogue, catalogue_hash
from assessments.scoring import summarize
from portal.reports.attachments import Attached, results_csv, results_of
from portal.reports.build import _control
from portal.reports.facts import FindingFact, Identity, Integrity, ReportFacts, SectionFact, UnitFact
from portal.reports.render import render
from portal.reports.sign import sign
from portal.reports.signing_identity import ensure_signing_identity
from portal.reports.verify import verify_pdf

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def finding(number: int, slug: str) -> FindingFact:
    control = catalogue()[slug]
    outcome = ("fail", "pass", "fail", "unknown", "pass")[number % 5]
    return FindingFact(
        id=str(uuid4()), control=slug, severity=str(control.severity),
        subject=f"/subscriptions/s/resourceGroups/rg-{number % 9}/providers/x/y/resource-{number}",
        subject_name=f"resource-{number}", subject_type=control.subject_type, resource_group=f"rg-{number % 9}",
        unit="/subscriptions/s", unit_name="Production", outcome=outcome, reason=f"what was read of {number}",
        expected=control.expected, observed={"property": number, "other": "value"}, observed_sha256="ab" * 32,
        unknown_because="forbidden" if outcome == "unknown" else "", remarks=(), evidence=("cd" * 32,),
        first_seen_at=NOW, changed_at=NOW, collected_at=NOW,
        failing_since=NOW - timedelta(days=number % 90) if outcome == "fail" else None, due_at=None,
        overdue_days=number % 7 if outcome == "fail" else 0,
    )  # fmt: skip


def facts_of(total: int) -> ReportFacts:
    identity = ensure_signing_identity()
    slugs = list(catalogue())
    found = [finding(number, slugs[number % len(slugs)]) for number in range(total)]
    unit = UnitFact(
        "subscription", "Production", "s", "/subscriptions/s", "done", "", 99, 0, 0, NOW, NOW, "ef" * 32, 1
    )
    rows = [(catalogue()[f.control].section, f.severity, f.outcome, 1) for f in found]
    summary = summarize(rows)
    sections = []
    for key, name in SECTIONS.items():
        controls = [
            _control(control, [f for f in found if f.control == control.slug], [unit], {})
            for control in catalogue().values()
            if control.section == key
        ]
        numbers = summary["sections"].get(key, {"score": None, "coverage": None, "counts": {}})
        sections.append(
            SectionFact(key=key, name=name, adjusted=numbers["score"], controls=tuple(controls), **numbers)
        )
    return ReportFacts(
        identity=Identity(
            report_id=str(uuid4()), number=1, title="Report", customer="Customer", provider="Provider",
            requested_by="benchmark", created_at=NOW, as_of=NOW, classification="Confidential",
            product_version="0", assessed_with="0", catalogue_hash=catalogue_hash(), catalogue_changed=False,
            assessment_id=str(uuid4()), assessment_number=1, level="B-B", signer=identity.name,
            signer_fingerprint=identity.fingerprint, self_made=True,
        ),
        principals=(), units=(unit,), excluded=(), gaps=(), resource_types=(), sections=tuple(sections),
        frameworks=(), score=summary["score"], coverage=summary["coverage"], counts=summary["counts"],
        open_by_severity=summary["open"], due_days={"high": 30}, changes=(), previous="", requests=99,
        throttled=0, started_at=NOW, ended_at=NOW, historic=False, integrity=Integrity(1, "0" * 64, (), 1),
        treated_at=NOW, adjusted=summary["score"],
    )  # fmt: skip


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    facts = facts_of(total)
    from portal.reports.attachments import _json

    start = time.process_time()

    attached = [
        Attached("results.json", "results", _json(results_of(facts))),
        Attached("results.csv", "results", results_csv(facts)),
    ]
    rendered = render(facts, attached)
    made = time.process_time()
    data = sign(rendered.content, ensure_signing_identity(), reason="benchmark")
    signed = time.process_time()
    assert verify_pdf(data).valid
    checked = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{total} findings: {rendered.pages} pages, {len(data) // 1024} KiB; render {made - start:.1f} s, "
        f"sign {signed - made:.2f} s, verify {checked - signed:.2f} s; peak {peak} MB"
    )


main()
