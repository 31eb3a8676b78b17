"""Show the catalogue by section, and one control with its results for the customers in which the person may read all
findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.controls.declare import Control
from assessments.controls.registry import SECTIONS, known_controls
from assessments.equivalents.equivalents import equivalents, searchable
from assessments.fixes.render import render as render_fix
from assessments.frameworks.framework import NAMES
from portal.queries.portfolio.control_numbers import tenants_failing_by_control, verdicts_by_tenant
from portal.web.components.formatting import format_breakable
from portal.web.shared.findings_url import findings_url
from portal.web.shared.forms.parameter import help_of, judged_text, parameter_text
from portal.web.shared.references import reference_lines
from tenants import access
from tenants.roles import Capability


class Row(NamedTuple):
    slug: str
    title: str
    severity: str
    kind: str
    failing: int
    url: str


class Group(NamedTuple):
    title: str
    rows: list[Row]


def _assessment_kind(control: Control) -> str:
    return "Manual" if control.is_manual else "Automatic"


def _row(control: Control, failing: Mapping[str, int]) -> Row:
    url = reverse("control", args=[control.slug])
    return Row(
        control.slug,
        control.title,
        control.severity,
        _assessment_kind(control),
        failing.get(control.slug, 0),
        url,
    )


def _framework_key(name: str) -> str:
    """Return the key of a framework by its name. `MCSB` without a number is the old name of version 1."""
    keys = {"MCSB": "mcsb-1", **{name: key for key, name in NAMES.items()}}
    if name not in keys:
        raise Http404(f"There is no framework {name!r}. Use one of: {', '.join(NAMES.values())}.")
    return keys[name]


def _readable() -> list[UUID]:
    """Return the ids of the customers in which the person may read all findings."""
    return list(access.tenants(needs=Capability.VIEW_ALL).values_list("pk", flat=True))


def controls(request: HttpRequest) -> HttpResponse:
    everything = list(known_controls().values())
    # In earlier versions, the URL of a framework was this page with `?by=<name>`. Redirect such URLs.
    if earlier := request.GET.get("by", ""):
        return redirect("framework", _framework_key(earlier))
    q = request.GET.get("q", "").strip()
    readable = _readable()
    failing = tenants_failing_by_control(readable)
    matching = [control for control in everything if _matches(control, q)]
    groups = [
        Group(title, rows)
        for section, title in SECTIONS.items()
        if (rows := [_row(c, failing) for c in matching if c.section == section])
    ]
    context = {
        "groups": groups,
        "frameworks": [(name, reverse("framework", args=[key])) for key, name in NAMES.items()],
        "q": q,
        "total": len(everything),
        # If the person cannot see the findings of any customer, leave out the numbers of failures, which
        # would all be 0.
        "counts_failing": bool(readable),
    }
    return render(request, "controls/list.html", context)


def _matches(control: Control, q: str) -> bool:
    numbers = [number for ids in control.references.by_framework().values() for number in ids]
    texts = (control.title, control.problem, control.slug, *numbers, searchable(control.slug))
    text = " ".join(texts).casefold()
    return all(word in text for word in q.casefold().split())


def control(request: HttpRequest, slug: str) -> HttpResponse:
    found = known_controls().get(slug)
    if found is None:
        raise Http404(f"There is no control {slug!r}. Open the list of controls.")
    counts = verdicts_by_tenant(slug, _readable())
    tenants: list[dict[str, Any]] = [
        {
            "tenant": tenant,
            "counts": list(counts[tenant.pk].items()),
            "fail": counts[tenant.pk].get("fail", 0),
            "unknown": counts[tenant.pk].get("unknown", 0),
            "url": findings_url(tenant, control=slug),
        }
        for tenant in access.tenants(needs=Capability.VIEW_ALL).filter(pk__in=counts)
    ]
    tenants.sort(key=lambda row: (-row["fail"], -row["unknown"], row["tenant"].name))
    context = {
        "control": found,
        "kind": _assessment_kind(found),
        "what": judged_text(found, found.values({})),
        "why": found.why,
        "fix": render_fix(found.fix),
        "tenants": tenants,
        "facts": {
            "Resource type": format_breakable(found.subject_type),
            "Expected": found.expected,
            "Assessed once per": "directory" if found.unit == "directory" else "subscription",
            "Data read": ", ".join(need.name for need in found.needs),
            "Permissions": format_breakable(", ".join(one.replace("|", " or ") for one in found.permissions)),
            **(
                {"Also read if possible": ", ".join(one.name for one in found.optional)}
                if found.optional
                else {}
            ),
        },
        "references": reference_lines(found),
        "equivalents": equivalents(slug),
        "parameters": [(p.title, f"{parameter_text(p.default)} ({help_of(p)})") for p in found.parameters],
    }
    return render(request, "controls/detail.html", context)
