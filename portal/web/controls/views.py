"""The catalogue by section or framework, and one control with its results in the person's tenants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.controls.declare import Control
from assessments.controls.registry import SECTIONS, catalogue
from assessments.fixes.render import render as render_fix
from portal.queries.portfolio import tenants_failing_by_control, verdicts_by_tenant
from tenants import access
from tenants.roles import Capability


class Row(NamedTuple):
    number: str
    slug: str
    title: str
    severity: str
    kind: str
    failing: int | None
    url: str


class Group(NamedTuple):
    title: str
    rows: list[Row]


def _assessment_kind(control: Control) -> str:
    return "Manual" if control.is_manual else "Automatic"


def _row(control: Control, failing: Mapping[str, int], number: str = "") -> Row:
    url = reverse("control", args=[control.slug])
    return Row(
        number,
        control.slug,
        control.title,
        control.severity,
        _assessment_kind(control),
        failing.get(control.slug),
        url,
    )


def _frameworks(controls: Iterable[Control]) -> list[str]:
    return sorted({name for control in controls for name in control.references.by_framework()})


def _number_key(number: str) -> tuple[tuple[int, int | str], ...]:
    """Return the sort key of a number such as 4.10, which sorts after 4.9."""
    return tuple(
        (0, int(part)) if part.isdigit() else (1, part) for part in number.replace("-", ".").split(".")
    )


def _readable() -> list[UUID]:
    """Return the tenants in which the person may read all findings."""
    return list(access.tenants(needs=Capability.VIEW_ALL).values_list("pk", flat=True))


def controls(request: HttpRequest) -> HttpResponse:
    everything = list(catalogue().values())
    names = _frameworks(everything)
    framework = request.GET.get("by", "")
    if framework and framework not in names:
        raise Http404(f"There is no framework {framework!r}. Use one of: {', '.join(names)}.")
    q = request.GET.get("q", "").strip()
    failing = tenants_failing_by_control(_readable())
    matching = [control for control in everything if _matches(control, q)]
    if framework:
        pairs = [(n, c) for c in matching for n in c.references.by_framework().get(framework, [])]
        pairs.sort(key=lambda pair: _number_key(pair[0]))
        groups = [Group(framework, [_row(c, failing, n) for n, c in pairs])] if pairs else []
    else:
        groups = [
            Group(title, rows)
            for section, title in SECTIONS.items()
            if (rows := [_row(c, failing) for c in matching if c.section == section])
        ]
    context = {
        "groups": groups,
        "framework": framework,
        "frameworks": [(name, name) for name in names],
        "q": q,
        "total": len(everything),
    }
    return render(request, "controls/list.html", context)


def _matches(control: Control, q: str) -> bool:
    numbers = [number for ids in control.references.by_framework().values() for number in ids]
    text = f"{control.title} {control.slug} {' '.join(numbers)}".casefold()
    return all(word in text for word in q.casefold().split())


def control(request: HttpRequest, slug: str) -> HttpResponse:
    found = catalogue().get(slug)
    if found is None:
        raise Http404(f"There is no control {slug!r}.")
    counts = verdicts_by_tenant(slug, _readable())
    tenants: list[dict[str, Any]] = [
        {
            "tenant": tenant,
            "counts": list(counts[tenant.pk].items()),
            "fail": counts[tenant.pk].get("fail", 0),
            "unknown": counts[tenant.pk].get("unknown", 0),
            "url": f"{reverse('findings', args=[tenant.slug])}?control={slug}",
        }
        for tenant in access.tenants(needs=Capability.VIEW_ALL).filter(pk__in=counts)
    ]
    tenants.sort(key=lambda row: (-row["fail"], -row["unknown"], row["tenant"].name))
    context = {
        "control": found,
        "kind": _assessment_kind(found),
        "what": found.judged,
        "why": found.why,
        "fix": render_fix(found.fix),
        "tenants": tenants,
        "facts": {
            "Resource type": found.subject_type,
            "Expected": found.expected,
            "Assessed once per": "directory" if found.unit == "directory" else "subscription",
            "Data read": ", ".join(need.name for need in found.needs),
            "Permissions": ", ".join(found.permissions),
            **(
                {"Also read if possible": ", ".join(one.name for one in found.optional)}
                if found.optional
                else {}
            ),
        },
        "references": [(name, ", ".join(ids)) for name, ids in found.references.by_framework().items()],
        "parameters": [(p.name, f"{p.default} ({p.help})") for p in found.parameters],
    }
    return render(request, "controls/detail.html", context)
