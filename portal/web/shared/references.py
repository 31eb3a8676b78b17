"""Show the references of a control to frameworks, as lines of a page."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from django.urls import reverse

from assessments.controls.declare import Control
from assessments.models import ControlSetting
from tenants.models import Tenant


class ReferenceLine(NamedTuple):
    """Requirements of a framework that a control checks to the same extent.

    `missing` describes what the control does not check of each requirement, empty if the control checks everything.
    `numbers` are pairs: a requirement's number, and the URL of its row on the page of the framework.
    """

    missing: str
    numbers: list[tuple[str, str]]


class FrameworkLines(NamedTuple):
    """A framework version, with the requirements that the control checks."""

    name: str
    url: str
    lines: list[ReferenceLine]


def reference_lines(control: Control, tenant: Tenant | None = None) -> list[FrameworkLines]:
    """Return the control's references by framework. Whether a reference is full or partial can depend on the tenant's
    values of the control's parameters.
    """
    found: dict[str, FrameworkLines] = {}
    depends = tenant is not None and any(entry.unless for entry in control.references.partly)
    setting = ControlSetting.objects.filter(tenant=tenant, control=control.slug).first() if depends else None
    for reference in control.framework_references(setting.values if setting else {}):
        url = reverse("framework", args=[reference.framework])
        group = found.setdefault(reference.framework, FrameworkLines(reference.name, url, []))
        missing = "; ".join(reference.missing)
        line = next((line for line in group.lines if line.missing == missing), None)
        if line is None:
            line = ReferenceLine(missing, [])
            group.lines.append(line)
        line.numbers.append((reference.label, f"{url}?q={quote(reference.number)}"))
    return list(found.values())
