"""One tenant at a glance."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.actions.finish import tenant_summary
from assessments.controls.registry import SECTIONS, catalogue
from assessments.estate.gaps import Reason
from assessments.models import Assessment, FindingChange
from portal.web import closing, reads
from portal.web.credentials import expiry, warnings
from portal.web.templatetags.charts import score_text
from portal.web.visible import may, unit_names, visible_findings
from portal.web.vocabulary import SEVERITIES
from tenants import access, selectors
from tenants.models import Tenant
from tenants.roles import Capability

MOST_CHANGES = 10


def tenant(request: HttpRequest, slug: str) -> HttpResponse:
    found = access.tenant(slug, needs=Capability.VIEW)
    ids = [found.pk]
    newest = reads.latest_assessments(ids, ended=False).get(found.pk)
    last = reads.latest_assessments(ids, ended=True).get(found.pk)
    # What an ended assessment summed up holds until the next one writes.
    is_settled = last is not None and newest is not None and newest.pk == last.pk
    summary = last.summary if is_settled and last else tenant_summary(found.pk)
    principals = list(selectors.service_principals(found))
    counts = summary["counts"]
    see_all = may(Capability.VIEW_ALL, found)
    names = unit_names(found) if last else {}
    context = {
        "tenant": found,
        "may_assess": may(Capability.ASSESS, found),
        "see_all": see_all,
        "running": newest if newest and newest.is_active else None,
        "last": last or (newest if counts else None),
        "last_at": last.ended_at if last else None,
        "has_results": bool(counts),
        "score": summary["score"],
        "coverage": summary["coverage"],
        "verdicts": list(counts.items()),
        "trend": reads.trends(ids).get(found.pk, []),
        "severities": [
            (mark, summary["open"].get(key, 0)) for key, mark in SEVERITIES.items() if key != "info"
        ],
        "unknown": counts.get("unknown", 0),
        "sections": _sections(found, summary["sections"]),
        "changes": _changes(found, last, names) if last else [],
        "ledger": _ledger(summary, last),
        "reasons": _reasons(found),
        "closing": closing.of_assessment(last, names) if last and see_all else None,
        "principals": [(str(p), _credential(p.expires_at)) for p in principals],
        "warnings": warnings(principals),
    }
    return render(request, "tenants/tenant.html", context)


def _credential(at: Any) -> str:
    ends = expiry(at)
    if ends is None:
        return "end not known"
    return "credential expired" if ends.role == "fail" else f"credential: {ends.text} left"


def _sections(tenant: Tenant, sections: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for key, title in SECTIONS.items():
        if key not in sections:
            continue
        part = sections[key]
        rows.append(
            {
                "section": key,
                "label": f"{title}: {score_text(part['score'])}",
                "score": part["score"],
                "counts": list(part["counts"].items()),
                "fail": part["counts"].get("fail", 0),
                "unknown": part["counts"].get("unknown", 0),
                "url": f"{reverse('findings', args=[tenant.slug])}?section={key}",
            }
        )
    return rows


def _changes(tenant: Tenant, last: Assessment, names: dict[str, str]) -> list[dict[str, Any]]:
    """What the last assessment found otherwise than before; a first judgement is no change."""
    rows = (
        FindingChange.objects.filter(assessment=last, finding__in=visible_findings(tenant))
        .exclude(before_outcome="")
        .exclude(after_outcome="gone")
        .select_related("finding")
        .order_by("finding__severity_rank", "-at", "-id")[:MOST_CHANGES]
    )
    known = catalogue()
    return [
        {
            "at": row.at,
            "url": reverse("finding", args=[tenant.slug, row.finding_id]),
            "title": known[row.finding.control].title
            if row.finding.control in known
            else row.finding.control,
            "subject": names.get(row.finding.subject.lower(), row.finding.subject_name),
            "before": row.before_outcome,
            "after": row.after_outcome,
        }
        for row in rows
    ]


def _ledger(summary: dict[str, Any], last: Assessment | None) -> list[tuple[str, object]]:
    units = last.summary.get("units", {}) if last else {}
    counts = summary["counts"]
    judged = sum(counts.values()) - counts.get("not_applicable", 0)
    coverage = summary["coverage"]
    return [
        ("Units expected", sum(units.values())),
        ("Units read", units.get("done", 0)),
        ("Verdicts expected", judged),
        ("Decided", judged - counts.get("unknown", 0)),
        ("Unknown", counts.get("unknown", 0)),
        ("Coverage", "nothing judged" if coverage is None else f"{coverage} %"),
    ]


def _reasons(tenant: Tenant) -> list[tuple[str, int]]:
    """Why verdicts are unknown, the most frequent first."""
    rows = reads.unknown_reasons(tenant)
    return [(Reason(key).words, count) for key, count in rows]
