"""Measure processor time, memory and size of a report for N findings (default 500): python benchmarks/report.py [N].

The report has invented findings of all real controls. The few queries that gather findings from the database are not
measured.
"""

import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin, get_type_hints
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from assessments.controls.registry import SECTIONS, catalogue, catalogue_hash
from assessments.scoring import summarize
from portal.reports.attachments import Attachment, results_csv, results_json
from portal.reports.facts import FindingFact, UnitFact
from portal.reports.parts import PARTS
from portal.reports.parts.changes import ChangesFacts
from portal.reports.parts.identity import Identity, IdentityFacts
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.parts.results import ResultsFacts
from portal.reports.parts.scope import ScopeFacts
from portal.reports.render import render
from portal.reports.section_facts import SectionFact, control_fact
from portal.reports.sign import sign
from portal.reports.signing_identity import ensure_signing_identity
from portal.reports.trust import Trust
from portal.reports.verify import verify_pdf

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def finding(number: int, slug: str) -> FindingFact:
    control = catalogue()[slug]
    outcome = ("fail", "pass", "fail", "unknown", "pass")[number % 5]
    return FindingFact(
        id=str(uuid4()), control=slug, severity=str(control.severity),
        subject=f"/subscriptions/s/resourceGroups/rg-{number % 9}/providers/x/y/resource-{number}",
        subject_name=f"resource-{number}", subject_type=control.subject_type, resource_group=f"rg-{number % 9}",
        unit="/subscriptions/s", unit_name="Production", outcome=outcome, reason=f"Reason {number}",
        expected=control.expected, observed={"property": number, "other": "value"},
        observed_text=f"Property: {number}, other: value", observed_sha256="ab" * 32,
        unknown_because="forbidden" if outcome == "unknown" else "", remarks=(), evidence=("cd" * 32,),
        first_seen_at=NOW, changed_at=NOW, collected_at=NOW,
        failing_since=NOW - timedelta(days=number % 90) if outcome == "fail" else None, due_at=None,
        overdue_days=number % 7 if outcome == "fail" else 0,
    )  # fmt: skip


def facts_of(total: int) -> ReportFacts:
    """Return facts with this many findings, spread over all controls."""
    signing = ensure_signing_identity()
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
            control_fact(control, [f for f in found if f.control == control.slug], [unit], {})
            for control in catalogue().values()
            if control.section == key
        ]
        numbers = summary["sections"].get(key, {"score": None, "coverage": None, "counts": {}})
        sections.append(
            SectionFact(key=key, name=name, adjusted=numbers["score"], controls=tuple(controls), **numbers)
        )
    identity = Identity(
        report_id=str(uuid4()), number=1, kind="full", kind_name="Full audit report",
        title="Report", customer="Customer", provider="Provider",
        requested_by="benchmark", created_at=NOW, as_of=NOW, classification="Confidential",
        product_version="0", assessed_with="0", catalogue_hash=catalogue_hash(), catalogue_changed=False,
        assessment_id=str(uuid4()), assessment_number=1, level="B-B", signer=signing.name,
        signer_fingerprint=signing.fingerprint, self_made=True, without_names=False,
    )  # fmt: skip
    results = ResultsFacts(
        tuple(sections), summary["score"], summary["coverage"], summary["counts"], summary["failing"],
        adjusted=summary["score"],
    )  # fmt: skip
    given: dict[str, DataclassInstance] = {
        "identity": IdentityFacts(identity, historic=False, treated_at=NOW),
        "scope": ScopeFacts((unit,), (), ()),
        "results": results,
        "changes": ChangesFacts({"high": 30}, (), ""),
    }
    return ReportFacts({part.key: given.get(part.key) or example(facts_type(part)) for part in PARTS})


def facts_type(part: Part[Any]) -> type["DataclassInstance"]:
    """Return the dataclass that holds the facts of a report part."""
    found: type[DataclassInstance] = get_type_hints(part.gather)["return"]
    return found


def example(kind: Any) -> Any:
    """Return an example value of this type: an empty collection, 0 for a number, "0" for a text, NOW for a time."""
    if is_dataclass(kind):
        types = get_type_hints(kind)
        return cast("Any", kind)(**{field.name: example(types[field.name]) for field in fields(kind)})
    values = {str: "0", int: 0, float: 0.0, bool: False, datetime: NOW, tuple: (), Mapping: {}}
    outer = get_origin(kind) or kind
    if outer in values:
        return values[outer]
    if type(None) in get_args(kind):
        return None
    raise SystemExit(f"benchmarks/report.py has no example of {kind}: add one to `values`.")


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    facts = facts_of(total)
    start = time.process_time()
    attachments = [
        Attachment("results.json", "results", results_json(facts)),
        Attachment("results.csv", "results", results_csv(facts)),
    ]
    rendered = render(facts, attachments)
    rendered_at = time.process_time()
    signing = ensure_signing_identity()
    data = sign(rendered.content, signing, reason="benchmark")
    signed_at = time.process_time()
    assert verify_pdf(data, Trust(certificates=frozenset({signing.fingerprint}))).valid
    verified_at = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{total} findings: {rendered.pages} pages, {len(data) // 1024} KiB; render {rendered_at - start:.1f} s, "
        f"sign {signed_at - rendered_at:.2f} s, verify {verified_at - signed_at:.2f} s; peak {peak} MB"
    )


if __name__ == "__main__":
    main()
