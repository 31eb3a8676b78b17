"""Context of the page of one finding: verdict, control, evidence and timeline of verdicts."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from assessments.controls.declare import Control
from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.fixes.facts import Facts
from assessments.fixes.render import RenderedFix
from assessments.fixes.render import render as render_fix
from assessments.models import EvidenceItem, Finding, FindingChange
from portal.treatment.naming import finding_title
from portal.web.components.formatting import format_value
from portal.web.components.timeline import Entry
from portal.web.components.vocabulary import VERDICTS
from portal.web.shared.places import place
from portal.web.shared.references import reference_lines
from tenants.models import Directory, Tenant

# Icon, role and label of a finding whose subject is gone.
_GONE: Final = ("not-applicable", "unknown", "Gone")
_SENTENCES: Final = {
    "pass": "{subject} passes: {reason}.",
    "fail": "{subject} fails: {reason}.",
    "not_applicable": "Does not apply to {subject}: {reason}.",
    "manual": "An answer is needed for {subject}. {reason}.",
    "unknown": "Could not check {subject}: {reason}.",
}
_SINCE_LABELS: Final = {
    "pass": "Passing",
    "fail": "Failing",
    "not_applicable": "Not applicable",
    "manual": "Manual",
    "unknown": "Unknown",
}
_MAX_VALUE_LENGTH: Final = 120


def context(tenant: Tenant, finding: Finding, names: dict[str, str]) -> dict[str, Any]:
    """Return what is the same for every person; `names` maps scope ids of units to names."""
    control = catalogue().get(finding.control)
    mark = VERDICTS[finding.outcome]
    where = place(finding.subject)
    directory = _directory(tenant, finding)
    about: dict[str, object] = {"Control": finding.control, "Subject type": finding.subject_type}
    subject = names.get(finding.subject.lower(), finding.subject_name)
    return {
        "title": finding_title(finding.control, finding.outcome),
        "control": control,
        "subject": subject,
        "sentence": _sentence(finding, subject),
        "why_unknown": Reason(finding.unknown_because).label if finding.unknown_because else "",
        "since_label": _SINCE_LABELS[finding.outcome],
        "since": finding.failing_since or finding.changed_at,
        "role": mark.role,
        "verdict_icon": mark.icon,
        "failed": finding.outcome == "fail",
        "why": control.why if control else "",
        "fix": _fix(control, finding, directory) if control else None,
        "place": {
            "Name": subject,
            "Type": finding.subject_type,
            "Resource group": finding.resource_group or where.group,
            "Subscription or directory": names.get(finding.unit, finding.unit),
            "Id": finding.subject,
        },
        "about": about,
        "references": reference_lines(control, tenant) if control else [],
        "portal_url": _portal_url(directory, finding),
    }


def _sentence(finding: Finding, subject: str) -> str:
    """Return the verdict with the control's own reason."""
    return _SENTENCES[finding.outcome].format(subject=subject, reason=finding.reason.rstrip("."))


def _directory(tenant: Tenant, finding: Finding) -> Directory | None:
    """Return the directory of the subject: that of its subscription, or the one that the subject itself is in."""
    directories = Directory.objects.filter(tenant=tenant)
    if finding.subject.startswith("/subscriptions/"):
        guid = finding.subject.split("/")[2].lower()
        return directories.filter(subscriptions__subscription_id=guid).first()
    identifier = Facts(finding.subject).directory_id()
    return directories.filter(directory_id=identifier).first() if identifier else None


def _fix(control: Control, finding: Finding, directory: Directory | None) -> RenderedFix:
    """Return the control's fix with what the finding knows."""
    facts = Facts(
        subject=finding.subject,
        observed=finding.observed,
        directory=directory.directory_id if directory else "",
        cloud=directory.cloud_name if directory else "",
    )
    return render_fix(control.fix, facts)


def _portal_url(directory: Directory | None, finding: Finding) -> str:
    """Return the address of the resource in the Azure portal; "" for other subjects and custom clouds."""
    portal = directory.cloud.portal if directory else ""
    if directory is None or not portal or not finding.subject.startswith("/subscriptions/"):
        return ""
    # Ids contain names from Azure. A quote or "#" in a name must not end the address.
    return f"{portal}/#@{directory.directory_id}/resource{quote(finding.subject, safe='/()')}"


def evidence(item: EvidenceItem) -> dict[str, Any]:
    """Return one document that the verdict is based on, with its origin."""
    return {
        "facts": {
            "Document": item.document_id,
            "Collection": item.collection,
            "API": f"{item.source} {item.api_version}".strip(),
            "Read at": f"{item.collected_at:%Y-%m-%d %H:%M:%S} UTC",
            "Request id": item.request_id,
            "SHA-256": item.sha256,
        },
        "document": item.content,
    }


def entry(change: FindingChange) -> Entry:
    """Return a change of verdict or value as an entry of the timeline."""
    mark = VERDICTS.get(change.after_outcome)
    icon, role, after = (mark.icon, mark.role, mark.label) if mark else _GONE
    before = VERDICTS.get(change.before_outcome)
    same = change.before_outcome == change.after_outcome
    if not change.before_outcome:
        title = "First assessed"
    elif change.after_outcome == "gone":
        title = "No longer exists"
    elif same:
        title = "Value changed"
    elif change.after_outcome == "fail":
        title = "Started to fail"
    elif change.before_outcome == "fail" and change.after_outcome == "pass":
        title = "Resolved"
    else:
        title = "Verdict changed"
    notes = [change.reason, *_changed_values(change.before_observed, change.after_observed)]
    return Entry(
        change.at,
        icon,
        role,
        f"{title} in assessment {change.assessment.number}",
        before="" if same else before.label if before else change.before_outcome.capitalize(),
        after="" if same else after,
        note="\n".join(note for note in notes if note),
    )


def _changed_values(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    if before is None or after is None:
        return []
    keys = dict.fromkeys([*before, *after])
    return [
        f"{key}: {_short(before.get(key))} → {_short(after.get(key))}"
        for key in keys
        if before.get(key) != after.get(key)
    ]


def _short(value: object) -> str:
    text = "absent" if value is None else ", ".join(format_value(value).splitlines())
    return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[: _MAX_VALUE_LENGTH - 1]}…"
