"""Build the context of the page of one finding: verdict, control, evidence and timeline of verdicts."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.html import format_html

from assessments.actions.unassessed_findings import CLOSED
from assessments.controls.profiles import says_off
from assessments.controls.registry import known_controls
from assessments.display.compared import compared
from assessments.display.names import Names
from assessments.display.observed import describe
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.display.text import Named, Text, joined
from assessments.estate.gaps import Reason
from assessments.models import EvidenceItem, Finding, FindingChange
from assessments.presentation.finding_fixes import directory_of, fix_of
from assessments.presentation.not_judged import is_no_longer_judged
from portal.treatment.naming import finding_title
from portal.web.components.timeline import Entry
from portal.web.components.values import changed_values
from portal.web.components.vocabulary import VERDICTS
from portal.web.shared.azure_portal import portal_address
from portal.web.shared.references import reference_lines
from portal.web.shared.subject_names import place
from tenants.models import Situation, Tenant
from tenants.values import time_display

# Icon, role and label of a finding whose subject no longer exists or is no longer assessed.
_GONE: Final = ("not-applicable", "unknown", "Gone")
# Reasons of findings that are gone only because their subscription is no longer assessed. Their subjects still exist.
_NOT_ASSESSED: Final = frozenset({CLOSED[Situation.EXCLUDED], CLOSED[Situation.FOREIGN]})
_SENTENCES: Final = {
    "pass": "{subject} passes: {reason}.",
    "fail": "{subject} fails: {reason}.",
    "not_applicable": "The control does not apply to {subject}: {reason}.",
    "manual": "An answer is needed for {subject}. {reason}.",
    "unknown": "Could not check {subject}: {reason}.",
}
# If an unknown finding had another verdict before, its reason begins with this text, which
# `assessments.actions.units.findings` writes.
_AGAIN: Final = "Could not be checked again: "
_SINCE_LABELS: Final = {
    "pass": "Passing",
    "fail": "Failing",
    "not_applicable": "Not applicable",
    "manual": "Manual",
    "unknown": "Unknown",
}
_MAX_VALUE_LENGTH: Final = 120
_WITH_FIX: Final = ("fail", "pass", "manual", "not_applicable")


def context(tenant: Tenant, finding: Finding, places: dict[str, str], names: Names) -> dict[str, Any]:
    """Return the variables of the page that do not depend on the person. `places` maps ids of subscriptions and
    directories to their names.
    """
    control = known_controls().get(finding.control)
    mark = VERDICTS[finding.outcome]
    where = place(finding.subject)
    directory = directory_of(tenant, finding.subject)
    about: dict[str, object] = {"Control": finding.control, "Subject type": finding.subject_type}
    subject = subject_text(finding.subject, finding.subject_name, names)
    observed = describe(finding.observed, names, ZoneInfo(tenant.timezone), finding.remarks)
    fails = finding.outcome == "fail" and finding.gone_at is None
    return {
        "title": finding_title(finding.control, finding.outcome),
        "control": control,
        "subject": subject,
        "sentence": _sentence(finding, subject.without_ids(), names),
        "subject_id": _id_beside(subject),
        "compared": compared(
            observed,
            finding.observed,
            sentence(finding.expected, names).capitalized(),
            control.expects if control else {},
            failed=fails,
            names=names,
        ),
        "has_observed": bool(observed),
        "is_observed_earlier": finding.gone_at is not None or _was_checked_before(finding),
        "remarks": [sentence(str(remark), names).capitalized() for remark in finding.remarks],
        "why_unknown": Reason(finding.unknown_because).label if finding.unknown_because else "",
        "since_label": "Gone" if finding.gone_at else _SINCE_LABELS[finding.outcome],
        "since": _since(finding),
        "role": mark.role,
        "verdict_icon": mark.icon,
        "failed": fails,
        "why": control.why if control else "",
        # It is not known whether an unknown finding fails, so the page does not show how to fix it.
        "fix": fix_of(finding, directory, places)
        if finding.outcome in _WITH_FIX and finding.gone_at is None
        else None,
        "place": {
            "Name": subject,
            "Type": finding.subject_type,
            "Resource group": finding.resource_group or where.group,
            "Subscription or directory": places.get(finding.unit, finding.unit),
            "Id": finding.subject,
        },
        "place_words": " · ".join(
            part
            for part in (finding.resource_group or where.group, places.get(finding.unit, finding.unit))
            if part
        ),
        "about": about,
        "references": reference_lines(control, tenant) if control else [],
        "portal_url": portal_address(directory, finding.subject),
    }


def _id_beside(subject: Text) -> str:
    """Return the id of the directory object, such as a user, that the subject names. The page shows this id beside the
    object's name. Return an empty text if the subject names no such object, or if the object's name is not known.
    """
    return next(
        (
            part.guid
            for part in subject.fragments
            if isinstance(part, Named) and part.name and part.name.label
        ),
        "",
    )


def _since(finding: Finding) -> datetime:
    """Return the time since which the finding is gone. If it is not gone, return the time since which it fails or has
    its present verdict.

    A failure continues while the verdict is unknown, so `failing_since` can be earlier than the last change of verdict.
    """
    since = finding.gone_at or (finding.failing_since if finding.outcome == "fail" else None)
    return since or finding.changed_at


def _sentence(finding: Finding, subject: Text, names: Names) -> Text:
    """Return a sentence with the verdict and the control's reason for it."""
    text, reason = _SENTENCES[finding.outcome], finding.reason.rstrip(".")
    if finding.gone_at is not None:
        text = (
            "{subject} no longer exists or is no longer assessed. The last result was “{verdict}”: {reason}."
        )
    elif _was_checked_before(finding):
        text, reason = "Could not check {subject} again: {reason}.", reason.removeprefix(_AGAIN)
    parts = {
        "{subject}": subject,
        "{verdict}": Text(VERDICTS[finding.outcome].label),
        "{reason}": sentence(reason, names),
    }
    pieces = re.split(r"(\{\w+\})", text)
    return Text(*(parts.get(piece, piece) for piece in pieces if piece))


def _was_checked_before(finding: Finding) -> bool:
    """Return whether the finding is unknown now and had another verdict before. If so, its observed values belong to
    the earlier verdict.
    """
    return finding.outcome == Finding.Outcome.UNKNOWN and finding.reason.startswith(_AGAIN)


def evidence(item: EvidenceItem, names: Names) -> dict[str, Any]:
    """Return the origin (`facts`) and the content (`document`) of evidence. Content too long for the page is None."""
    return {
        "facts": {
            "Document": sentence(item.document_id, names) if _is_named(item, names) else item.document_id,
            "Collection": item.collection,
            "API": f"{item.source} {item.api_version}".strip(),
            "First read": time_display.second(item.collected_at),
            "Request id": item.request_id,
            "SHA-256": format_html('<span class="mono break">{}</span>', item.sha256),
        },
        "document": item.shown,  # type: ignore[attr-defined]  # annotated by `shown_evidence`
    }


def _is_named(item: EvidenceItem, names: Names) -> bool:
    """Return whether the document's id belongs to a person, group or policy whose name is stored."""
    name = names.get(item.document_id)
    return name is not None and name.is_known


def entry(change: FindingChange, names: Names, zone: tzinfo) -> Entry:
    """Return a change of verdict or value as an entry of the timeline."""
    mark = VERDICTS.get(change.after_outcome)
    icon, role, after = (mark.icon, mark.role, mark.label) if mark else _GONE
    before = VERDICTS.get(change.before_outcome)
    same = change.before_outcome == change.after_outcome
    if not change.before_outcome:
        title = "First assessed"
    elif is_no_longer_judged(change):
        title = "No longer judged"
    elif change.after_outcome == "gone":
        title = "No longer assessed" if change.reason in _NOT_ASSESSED else "No longer exists"
    elif same:
        title = "Value changed"
    elif change.after_outcome == "fail" and not _was_not_judged(change):
        title = "Started to fail"
    elif change.before_outcome == "fail" and change.after_outcome == "pass":
        title = "Resolved"
    else:
        title = "Verdict changed"
    notes = [
        sentence(change.reason, names),
        *(
            f"{pair.label}: {_short(pair.before)} → {_short(pair.now)}"
            for pair in changed_values(
                (change.before_outcome, change.before_observed),
                (change.after_outcome, change.after_observed),
                names,
                zone,
            )
        ),
    ]
    return Entry(
        change.at,
        icon,
        role,
        f"{title} in assessment {change.assessment.number}",
        before="" if same else before.label if before else change.before_outcome.capitalize(),
        after="" if same else after,
        note=joined((note for note in notes if note), "\n"),
    )


def _was_not_judged(change: FindingChange) -> bool:
    """Return whether the finding was not judged before the change: it was unknown or gone, or its control was switched
    off. A failure may have continued during this time.
    """
    return change.before_outcome in ("unknown", "gone") or says_off(
        change.before_outcome, change.before_observed or {}
    )


def _short(value: Text) -> str:
    return value.in_one_line().shortened(_MAX_VALUE_LENGTH)
