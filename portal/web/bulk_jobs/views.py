"""List the bulk jobs of a customer, show their progress and results, and cancel and undo jobs."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.estate.quantities import counted
from assessments.presentation.finding_names import names_for_findings
from portal.bulk_jobs.actions.requests import action_of, cancel_job, undo_job
from portal.bulk_jobs.models import BulkJob, BulkJobItem
from portal.bulk_jobs.selectors import may_act, undo_until, visible_jobs
from portal.web.bulk_jobs import page as job_page
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import may, person, visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
ItemState = BulkJobItem.State


def bulk_jobs(request: HttpRequest, slug: str) -> HttpResponse:
    """List the jobs, the newest first."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    rows = visible_jobs(tenant).order_by("-created_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [
            {"job": row, "label": job_page.label(row), "worked_on": job_page.worked_on(row)}
            for row in page.object_list
        ],
        "live": any(row.is_active for row in page.object_list),
        "sees_all": may(Capability.VIEW_ALL, tenant),
    }
    return render(request, "bulk_jobs/list.html", context)


def bulk_job(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show a job with its progress and its results. `?only=` limits the results to one state."""
    tenant, job = _found(slug, pk)
    only = request.GET.get("only", "")
    items = job.items.order_by("finding_id")
    if only in ItemState.values:
        items = items.filter(state=only)
    page = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    ids = [item.finding_id for item in page.object_list]
    findings = {one.pk: one for one in visible_findings(tenant).filter(pk__in=ids)}
    names = names_for_findings(tenant, list(findings.values()))
    now, until = timezone.now(), undo_until(job)
    context: dict[str, Any] = {
        "tenant": tenant,
        "job": job,
        "label": job_page.label(job),
        "values": job_page.values(job),
        "selection": job_page.selection(tenant, job),
        "worked_on": job_page.worked_on(job),
        "may_act": may_act(job),
        "undo_until": until if until is not None and until > now else None,
        "is_own": job.by_id == person().pk,
        "counts": job_page.counts(job),
        "only": only,
        "page": page,
        "items": [
            job_page.item(job, item, findings.get(item.finding_id), names) for item in page.object_list
        ],
    }
    return render(request, "bulk_jobs/job.html", context)


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """End a job after its current step."""
    job = _changeable(slug, pk)
    with reported(request, "Bulk job cancelled. The changes that the job has made to findings remain."):
        cancel_job(job=job, by=person())
    return redirect("bulk-job", slug=slug, pk=job.pk)


@require_POST
def undo(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Restore what a job has changed."""
    job = _changeable(slug, pk)
    with reported(request):
        restored = undo_job(job=job, by=person())
        messages.success(
            request,
            f"{counted(restored, 'finding')} restored. Findings that changed after the job were not restored.",
        )
    return redirect("bulk-job", slug=slug, pk=job.pk)


def _changeable(slug: str, pk: str) -> BulkJob:
    """Return the job. Raise PermissionDenied if the person may not carry out the job's bulk action."""
    # Every role that may carry out a bulk action has the right TREAT. `require` then checks the right that this kind of
    # job needs.
    access.tenant(slug, needs=Capability.TREAT)
    tenant, job = _found(slug, pk)
    action_of(job).require(tenant)
    return job


def _found(slug: str, pk: str) -> tuple[Tenant, BulkJob]:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    rows = visible_jobs(tenant).select_related("tenant")
    return tenant, access.get(BulkJob, pk, needs=Capability.VIEW, queryset=rows)
