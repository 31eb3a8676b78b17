"""Write the texts of bulk jobs. They say what a job does, with which values and findings, and the result for each
finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.urls import reverse

from assessments.display.names import Names
from assessments.display.subjects import subject_text
from assessments.models import Finding
from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.treatment.naming import finding_title
from tenants.models import Tenant

_RESULTS: Final[Mapping[str, tuple[str, str, str]]] = {
    BulkJobItem.State.DONE: ("Changed", "role-pass", "tick"),
    BulkJobItem.State.SKIPPED: ("Skipped", "role-unknown", "not-applicable"),
    BulkJobItem.State.FAILED: ("Failed", "role-fail", "fail"),
    BulkJobItem.State.WAITING: ("Waiting", "role-unknown", "queued"),
}
"""{state: (label, CSS class, icon)}, in the order of the page."""


def label(job: BulkJob) -> str:
    """Return the label of the job's action, such as “Acknowledge”."""
    return bulk_actions()[job.action].label


def values(job: BulkJob) -> list[dict[str, Any]]:
    """Return the values that the job writes. Each value has a `name` and either a `text`, a `moment` or a `day`."""
    found: list[dict[str, Any]] = []
    for value in bulk_actions()[job.action].shown_values():
        shown = value.shown(job.parameters.get(value.name))
        if shown != "":
            kind = "moment" if isinstance(shown, datetime) else "day" if isinstance(shown, date) else "text"
            found.append({"name": value.label, kind: shown})
    return found


def selection(tenant: Tenant, job: BulkJob) -> str:
    """Return the URL of the list of findings that match the job's filters now. Return an empty text for a job without
    filters: the program that started such a job listed the findings by id.
    """
    return f"{reverse('findings', args=[tenant.slug])}?{job.filters}" if job.filters else ""


def worked_on(job: BulkJob) -> int:
    """Return the number of findings that the job has processed, including skipped and failed findings."""
    return job.done + job.skipped + job.failed


def counts(job: BulkJob) -> list[tuple[str, str, int]]:
    """Return (state, label, number of findings) for each state that at least one finding has."""
    numbers = {
        BulkJobItem.State.DONE: job.done,
        BulkJobItem.State.SKIPPED: job.skipped,
        BulkJobItem.State.FAILED: job.failed,
        BulkJobItem.State.WAITING: job.total - worked_on(job),
    }
    return [(state, _result(job, state), number) for state, number in numbers.items() if number]


def _result(job: BulkJob, state: str) -> str:
    if state == BulkJobItem.State.WAITING and not job.is_active:
        return "Not worked on"
    return _RESULTS[state][0]


def item(job: BulkJob, row: BulkJobItem, finding: Finding | None, names: Names) -> dict[str, Any]:
    """Return a result as the page shows it. `finding` is None if the person may not see the finding."""
    _, css, icon = _RESULTS[row.state]
    shown = {"css": css, "icon": icon, "result": _result(job, row.state), "reason": row.reason}
    if finding is None:
        return {**shown, "title": "", "id": row.finding_id}
    return {
        **shown,
        "url": reverse("finding", args=[job.tenant.slug, finding.pk]),
        "title": finding_title(finding.control, finding.outcome),
        "subject": subject_text(finding.subject, finding.subject_name, names),
    }
