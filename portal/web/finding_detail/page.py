"""What the page of one finding says, from the finding, its control and its changes."""

from __future__ import annotations

from typing import Any, Final

from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.models import EvidenceItem, Finding, FindingChange
from portal.web.components.formatting import format_value
from portal.web.components.timeline import Entry
from portal.web.components.vocabulary import VERDICTS
from portal.web.shared.fixes import fix, place
from tenants.models import Directory, Tenant

# Source: the portals' addresses in Microsoft's pages on Azure Government and Azure operated by 21Vianet.
_PORTALS: Final = {
    "AzureCloud": "https://portal.azure.com",
    "AzureUSGovernment": "https://portal.azure.us",
    "AzureChinaCloud": "https://portal.azure.cn",
}
_GONE: Final = ("not-applicable", "unknown", "Gone")


def facts(tenant: Tenant, finding: Finding, names: dict[str, str]) -> dict[str, Any]:
    """The context of the page that does not depend on who looks."""
    control = catalogue().get(finding.control)
    mark = VERDICTS[finding.outcome]
    where = place(finding.subject)
    remedy = fix(control.fix, finding.subject) if control else None
    about: dict[str, object] = {"Control": finding.control, "Subject": finding.subject_type}
    subject = names.get(finding.subject.lower(), finding.subject_name)
    return {
        "title": control.title if control else finding.control,
        "control": control,
        "subject": subject,
        "sentence": _sentence(finding, subject),
        "because": Reason(finding.unknown_because).label if finding.unknown_because else "",
        "role": mark.role,
        "verdict_icon": mark.icon,
        "failed": finding.outcome == "fail",
        "why": control.why if control else "",
        "fix": remedy.text if remedy else "",
        "commands": remedy.commands if remedy else [],
        "place": {
            "Name": subject,
            "Type": finding.subject_type,
            "Resource group": finding.resource_group or where.group,
            "Subscription or directory": names.get(finding.unit, finding.unit),
            "Id": finding.subject,
        },
        "about": about,
        "references": [
            (name, ", ".join(ids))
            for name, ids in (control.references.by_framework().items() if control else ())
        ],
        "portal_url": _portal_url(tenant, finding),
    }


def _sentence(finding: Finding, subject: str) -> str:
    """The verdict in a sentence: what it is about, and the control's own reason."""
    opening = {
        "pass": f"{subject} passes",
        "fail": f"{subject} fails",
        "not_applicable": f"This does not apply to {subject}",
        "manual": f"{subject} needs an answer from a person",
        "unknown": f"Whether {subject} passes is not known",
    }[finding.outcome]
    return f"{opening}: {finding.reason.rstrip('.')}."


def _portal_url(tenant: Tenant, finding: Finding) -> str:
    """The resource in the Azure portal; empty for a subject that has no page there or a custom cloud."""
    if not finding.subject.startswith("/subscriptions/"):
        return ""
    guid = finding.subject.split("/")[2].lower()
    directory = Directory.objects.filter(tenant=tenant, subscriptions__subscription_id=guid).first()
    portal = _PORTALS.get(directory.cloud_name) if directory else None
    if directory is None or portal is None:
        return ""
    return f"{portal}/#@{directory.directory_id}/resource{finding.subject}"


def evidence(item: EvidenceItem) -> dict[str, Any]:
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
    """One line of the timeline: old verdict to new, and which observed values changed."""
    mark = VERDICTS.get(change.after_outcome)
    icon, role, after = (mark.icon, mark.role, mark.label) if mark else _GONE
    before = VERDICTS.get(change.before_outcome)
    same = change.before_outcome == change.after_outcome
    if not change.before_outcome:
        title = "First judged"
    elif change.after_outcome == "gone":
        title = "No longer there"
    elif same:
        title = "Observed something else"
    elif change.after_outcome == "fail":
        title = "Began to fail"
    elif change.before_outcome == "fail" and change.after_outcome == "pass":
        title = "Resolved"
    else:
        title = "Verdict changed"
    notes = [change.reason, *_changed(change.before_observed, change.after_observed)]
    return Entry(
        change.at,
        icon,
        role,
        f"{title} in assessment {change.assessment.number}",
        before="" if same else before.label if before else change.before_outcome.capitalize(),
        after="" if same else after,
        note="\n".join(note for note in notes if note),
    )


def _changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
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
    return text if len(text) <= 120 else f"{text[:119]}…"
