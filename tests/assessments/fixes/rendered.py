"""Fixes of controls, rendered for one finding."""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.fixes.declare import Fix
from assessments.fixes.facts import Facts
from assessments.fixes.render import RenderedFix, render

SUBSCRIPTION = "10000000-0000-0000-0000-000000000001"
S = f"/subscriptions/{SUBSCRIPTION}"
DIRECTORY = "90000000-0000-0000-0000-000000000009"


def rendered(slug: str, subject: str, cloud: str = "AzureCloud", **observed: object) -> RenderedFix:
    return render(catalogue()[slug].fix, Facts(subject, observed, DIRECTORY, cloud))


def text(fix: RenderedFix) -> str:
    return "\n".join(step.text.replace(" \\\n  ", " ") for step in fix.commands)


def fix_of(slug: str = "storage-secure-transfer") -> Fix:
    return catalogue()[slug].fix
