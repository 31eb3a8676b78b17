"""Add, edit and delete comments on findings, and suggest the people who can be mentioned."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.display.subjects import subject_text
from assessments.presentation.finding_names import names_for_findings
from portal.treatment.actions.comments import add_comment, delete_comment, edit_comment
from portal.treatment.models import Comment
from portal.treatment.naming import finding_title
from portal.treatment.selectors.mentions import mentionable
from portal.web.components.form_parts import refused
from portal.web.finding_detail.views import finding as views
from portal.web.shared.action_messages import reported
from portal.web.shared.forms.treatments import CommentForm
from portal.web.shared.visible import may, person, unit_names, visible_findings
from tenants import access
from tenants.errors import PermissionDenied, Refusal
from tenants.models import Tenant
from tenants.roles import Capability

MAX_TYPED_LENGTH: Final = 100


@require_POST
def add(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            comment = add_comment(finding=found, by=person(), body=form.cleaned_data["body"])
        except Refusal as error:
            refused(form, error)
        else:
            return _redirect_to(comment)
    return views.page(request, tenant, found, {"comment": form})


@require_safe
def mentions(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Return the people whose name or email address contains `q`, as options of a list."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    typed = request.GET.get("q", "")[:MAX_TYPED_LENGTH].strip()
    people = mentionable(found, person(), typed=typed, knows_members=may(Capability.ASSIGN, tenant))
    return render(request, "finding_detail/_mentions.html", {"people": people})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Edit a comment of the signed-in person."""
    tenant, comment = _own(slug, pk)
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"body": comment.body})
    if request.method == "POST" and form.is_valid():
        try:
            edit_comment(comment=comment, by=person(), body=form.cleaned_data["body"])
        except Refusal as error:
            refused(form, error)
        else:
            return _redirect_to(comment)
    context = {**_context(tenant, comment), "form": form}
    return render(request, "finding_detail/comment.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete a comment of the signed-in person, after confirmation."""
    tenant, comment = _own(slug, pk)
    if request.method == "POST":
        with reported(request, "Comment deleted."):
            delete_comment(comment=comment, by=person())
        return redirect("finding", slug=slug, pk=comment.finding_id)
    context = {**_context(tenant, comment), "delete": True}
    return render(request, "finding_detail/comment.html", context)


def _context(tenant: Tenant, comment: Comment) -> dict[str, Any]:
    finding = comment.finding
    names = names_for_findings(tenant, [finding], unit_names(tenant))
    return {
        "tenant": tenant,
        "comment": comment,
        "finding": finding,
        "subject": subject_text(finding.subject, finding.subject_name, names),
        "title": finding_title(finding.control, finding.outcome),
    }


def _own(slug: str, pk: str) -> tuple[Tenant, Comment]:
    tenant = access.tenant(slug, needs=Capability.TREAT)
    rows = Comment.objects.filter(
        tenant=tenant, finding__in=visible_findings(tenant), deleted_at__isnull=True
    )
    comment = access.get(
        Comment, pk, needs=Capability.TREAT, queryset=rows.select_related("finding", "tenant", "author")
    )
    if comment.author_id != person().pk:
        raise PermissionDenied("Only the author of a comment can edit or delete it.", code="not_yours")
    return tenant, comment


def _redirect_to(comment: Comment) -> HttpResponse:
    page = resolve_url("finding", comment.tenant.slug, comment.finding_id)
    return redirect(f"{page}#comment-{comment.pk}")
