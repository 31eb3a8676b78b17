"""The references of a control to frameworks, as lines of a page."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse

from assessments.controls.declare import Control
from assessments.models import ControlSetting
from tenants.models import Tenant


class ReferenceLine(NamedTuple):
    """A number of a framework. `missing` is empty if the control answers it in full."""

    number: str
    missing: str
    url: str


class FrameworkLines(NamedTuple):
    """The numbers of one framework version."""

    name: str
    url: str
    lines: list[ReferenceLine]


def reference_lines(control: Control, tenant: Tenant | None = None) -> list[FrameworkLines]:
    """Return the references by framework, with their degrees under the tenant's values of the parameters."""
    found: dict[str, FrameworkLines] = {}
    depends = tenant is not None and any(entry.unless for entry in control.references.partly)
    setting = ControlSetting.objects.filter(tenant=tenant, control=control.slug).first() if depends else None
    for reference in control.framework_references(setting.values if setting else {}):
        url = reverse("framework", args=[reference.framework])
        group = found.setdefault(reference.framework, FrameworkLines(reference.name, url, []))
        group.lines.append(
            ReferenceLine(reference.label, "; ".join(reference.missing), f"{url}?q={reference.number}")
        )
    return list(found.values())
