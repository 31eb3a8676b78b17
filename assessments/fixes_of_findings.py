"""The fixes of a customer's findings, for pages, reports, exports and messages alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.controls.registry import catalogue
from assessments.fixes.facts import Facts
from assessments.fixes.render import RenderedFix, render
from assessments.models import Finding
from tenants.models import Directory, Subscription, Tenant


def directory_of(tenant: Tenant, subject: str) -> Directory | None:
    """Return the directory of a subject: that of its subscription, or the one that the subject itself is in."""
    directories = Directory.objects.filter(tenant=tenant)
    if subject.startswith("/subscriptions/"):
        return directories.filter(subscriptions__subscription_id=subject.split("/")[2].lower()).first()
    identifier = Facts(subject).directory_id()
    return directories.filter(directory_id=identifier).first() if identifier else None


def fix_of(finding: Finding, directory: Directory | None) -> RenderedFix | None:
    """Return the fix of one finding; None if its control is no longer in the catalogue."""
    return _render(finding.control, _facts(finding.subject, finding.observed, directory))


class FindingFixes:
    """Fixes of many findings. The customer's directories and subscriptions are read once."""

    def __init__(self, tenant: Tenant) -> None:
        directories = {row.pk: row for row in Directory.objects.filter(tenant=tenant)}
        self._directories = {f"directory:{row.directory_id}": row for row in directories.values()}
        rows = Subscription.objects.filter(tenant=tenant).values_list("subscription_id", "directory_id")
        self._directories |= {f"/subscriptions/{guid}": directories[directory] for guid, directory in rows}

    def facts(self, subject: str, observed: Mapping[str, Any]) -> Facts:
        """Return what a finding knows that a fix can use."""
        parts = subject.split("/")
        scope = f"/subscriptions/{parts[2].lower()}" if subject.startswith("/subscriptions/") else parts[0]
        return _facts(subject, observed, self._directories.get(scope))

    def text(self, control: str, facts: Facts) -> str:
        """Return the fix of a finding as plain text; `` if its control is no longer in the catalogue."""
        fix = _render(control, facts)
        return fix.plain if fix else ""


def _facts(subject: str, observed: Mapping[str, Any], directory: Directory | None) -> Facts:
    return Facts(
        subject=subject,
        observed=observed,
        directory=directory.directory_id if directory else "",
        cloud=directory.cloud_name if directory else "",
    )


def _render(control: str, facts: Facts) -> RenderedFix | None:
    """Return the fix of a control; None if the control is no longer in the catalogue."""
    declared = catalogue().get(control)
    return render(declared.fix, facts) if declared else None
