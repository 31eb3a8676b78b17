"""The fixes of a customer's findings, as text for pages, reports, exports and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assessments.controls.registry import known_controls
from assessments.fixes.facts import Facts
from assessments.fixes.render import RenderedFix, render
from assessments.models import Finding
from tenants.models import Directory, Subscription, Tenant


def directory_of(tenant: Tenant, subject: str) -> Directory | None:
    """Return the directory to which a subject belongs, directly or through its subscription. Return None if the
    directory is unknown.
    """
    directories = Directory.objects.filter(tenant=tenant)
    if subject.startswith("/subscriptions/"):
        return directories.filter(subscriptions__subscription_id=subject.split("/")[2].lower()).first()
    identifier = Facts(subject).directory_id()
    return directories.filter(directory_id=identifier).first() if identifier else None


def fix_of(finding: Finding, directory: Directory | None, places: Mapping[str, str]) -> RenderedFix | None:
    """Return the fix of one finding, or None if its control is not in the catalogue any more.

    `places` maps scope ids of subscriptions to their names.
    """
    name = places.get(scope_of(finding.subject), "")
    facts = _facts(finding.subject, finding.observed, directory, name)
    return _render(finding.control, replace(facts, remarks=tuple(map(str, finding.remarks))))


def scope_of(subject: str) -> str:
    """Return the scope id of the subscription or directory of a subject: `/subscriptions/<guid>` or
    `directory:<guid>`."""
    parts = subject.split("/")
    return f"/subscriptions/{parts[2].lower()}" if subject.startswith("/subscriptions/") else parts[0]


class FindingFixes:
    """Fixes of many findings of one customer. The customer's directories and subscriptions are read only once."""

    def __init__(self, tenant: Tenant) -> None:
        directories = {row.pk: row for row in Directory.objects.filter(tenant=tenant)}
        self._directories = {f"directory:{row.directory_id}": row for row in directories.values()}
        subscriptions = Subscription.objects.filter(tenant=tenant)
        rows = list(subscriptions.values_list("subscription_id", "directory_id", "display_name"))
        self._directories |= {f"/subscriptions/{guid}": directories[directory] for guid, directory, _ in rows}
        self._names = {f"/subscriptions/{guid}": name for guid, _, name in rows}
        self._places: dict[str, tuple[str, str, str]] = {}

    def facts(self, subject: str, observed: Mapping[str, Any], remarks: Iterable[object] = ()) -> Facts:
        """Return the facts about a finding. The variables of a fix get their values from these facts."""
        directory, cloud, name = self.place(subject)
        return Facts(subject, observed, directory, cloud, name, tuple(map(str, remarks)))

    def place(self, subject: str) -> tuple[str, str, str]:
        """Return (directory id, name of the cloud, name of the subscription) of a subject. The commands of a fix
        sign in to this directory and cloud."""
        scope = scope_of(subject)
        place = self._places.get(scope)
        if place is None:
            facts = _facts(subject, {}, self._directories.get(scope), self._names.get(scope, ""))
            place = self._places[scope] = facts.directory, facts.cloud, facts.subscription_name
        return place

    def text(self, control: str, facts: Facts) -> str:
        """Return the fix of a finding as plain text, or an empty string if its control is not in the catalogue any
        more."""
        fix = _render(control, facts)
        return fix.plain if fix else ""


def _facts(
    subject: str, observed: Mapping[str, Any], directory: Directory | None, subscription_name: str
) -> Facts:
    return Facts(
        subject=subject,
        observed=observed,
        directory=directory.directory_id if directory else "",
        cloud=directory.cloud_name if directory else "",
        subscription_name=subscription_name if subject.startswith("/subscriptions/") else "",
    )


def _render(control: str, facts: Facts) -> RenderedFix | None:
    """Return the fix of a control, or None if the control is not in the catalogue any more."""
    declared = known_controls().get(control)
    return render(declared.fix, facts) if declared else None
