"""Small PDF files that stand in for reports in tests, because rendering and signing a report takes seconds."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pikepdf

from tenants.models import Organization, Tenant

AT = "2026-11-26T09:00:00Z"
COUNTS = {"fail": 2, "pass": 8, "unknown": 1}


def report_file(tenant: Tenant, title: str) -> bytes:
    """Return an unsigned PDF with two pages, headings and `results.json`."""
    return _pdf(tenant.name, _results(tenant, title))


def portfolio_file(organization: Organization, tenant: Tenant) -> bytes:
    """Return an unsigned PDF like `report_file`, with the results of a portfolio report on one customer."""
    customer = {
        "name": tenant.name, "state": "stale", "reason": "Last read 9 days ago", "read_at": AT, "score": 81.25,
        "open": {"critical": 1, "high": 2, "medium": 0, "low": 0}, "overdue": 3, "urgent": "1 critical overdue",
    }  # fmt: skip
    return _pdf(
        organization.name,
        {
            "identity": {"organization": organization.name, "classification": "Confidential"},
            "selection": {"description": "all customers"},
            "customers": [customer],
            "integrity": {"journal_sequence": 9, "journal_hash": "4b" * 32},
        },
    )


def _pdf(name: str, content: dict[str, Any]) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.add_blank_page()
    with pdf.open_outline() as outline:
        whole = pikepdf.OutlineItem(name, 0)
        whole.children.append(pikepdf.OutlineItem("Summary", 0))
        whole.children.append(pikepdf.OutlineItem("1Identity", 1))
        outline.root.append(whole)
    results = json.dumps(content).encode()
    pdf.attachments["results.json"] = pikepdf.AttachedFileSpec(pdf, results)
    out = BytesIO()
    # Derive the id of the PDF from its content, so that the file of a customer is always the same.
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _results(tenant: Tenant, title: str) -> dict[str, Any]:
    return {
        "identity": {
            "title": title,
            "customer": tenant.name,
            "provider": "Northlight",
            "classification": "Confidential",
            "as_of": AT,
        },
        "score": 80.0,
        "adjusted": 78.0,
        "coverage": 90.0,
        "counts": {"fail": 2, "pass": 8, "unknown": 1},
        "sections": [
            {
                "name": "Storage accounts",
                "counts": {"fail": 2, "pass": 8, "unknown": 1},
                "controls": [_control()],
            }
        ],
        "due_days": {"critical": 7, "high": 30},
        "exceptions": [
            {
                "number": 1,
                "about": "Public access: account3",
                "reason": "Serves the public site.",
                "state": "Active",
                "ends_at": AT,
                "requested_by": "Olga Owner",
                "decided_by": "",
            }
        ],
        "attestations": [{"standing": "met"}, {"standing": "never answered"}],
        "units": [{"gaps": 1, "state": "done"}, {"gaps": 0, "state": "done"}],
        "gaps": [
            {
                "collection": "SQL servers",
                "unit": "Production",
                "reason": "missing permission",
                "permission": "Reader",
            }
        ],
        "integrity": {"evidence_items": 12, "journal_sequence": 9, "journal_hash": "4b" * 32},
    }


def _control() -> dict[str, Any]:
    findings = [
        {"outcome": "fail", "severity": "high", "shown": shown, "overdue_days": days, "subject_name": name,
         "unit_name": "Production", "reason": "Anonymous access is allowed"}
        for shown, days, name in (("open", 3, "account2"), ("excepted", 0, "account3"))
    ]  # fmt: skip
    return {
        "slug": "storage-anonymous-access-disallowed",
        "severity": "high",
        "expected": "Anonymous access is disallowed",
        "counts": COUNTS,
        "findings": findings,
    }
