"""Serve the people of an organization and of its customers: list access, invite, change roles, end access, and confirm
roles.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from assessments.selectors import search_words
from portal.accounts.actions.changes import open_changes
from portal.members.invite import invite_person
from portal.members.invite import send_again as send_invitation_again
from portal.web.components.form_parts import refused
from portal.web.organization.forms import InviteForm, ReviewForm, RoleForm
from portal.web.organization.place import AccessPlace
from portal.web.organization.waiting import waiting_rows
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access, selectors
from tenants import actions as members
from tenants.errors import Conflict, NotFound, Refusal
from tenants.models import Invitation, Membership, Organization, Tenant
from tenants.roles import NEEDS_SECOND_ADMINISTRATOR, Capability, Role

PER_PAGE: Final = 100
CHANGES: Final = require_http_methods(["GET", "HEAD", "POST"])


def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who has access to the organization and its customers."""
    return _people(request, AccessPlace.of(slug))


def tenant_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who has access to one customer. The page belongs to the customer's settings."""
    tenant = access.tenant(slug, needs=Capability.MEMBERS)
    return _people(request, AccessPlace(tenant.organization, [tenant], whole=False), tenant)


def _people(request: HttpRequest, place: AccessPlace, tenant: Tenant | None = None) -> HttpResponse:
    """Show who has access to a customer or to the organization. `tenant` is set if the page belongs to a customer's
    settings.
    """
    organization = place.organization
    chosen = {name: request.GET.get(name, "").replace("\0", "").strip()[:200] for name in ("q", "role", "at")}
    ended = request.GET.get("show") == "ended"
    rows = selectors.organization_memberships(organization, ended=ended)
    rows = rows.filter(place.visible).exclude(confirmation=Membership.Confirmation.WAITING)
    words, ignored = search_words(chosen["q"])
    for word in words:
        rows = rows.filter(Q(person__name__icontains=word) | Q(person__email__icontains=word))
    if chosen["role"] in Role.values:
        rows = rows.filter(role=chosen["role"])
    if at := next((row for row in place.tenants if row.slug == chosen["at"]), None):
        rows = rows.filter(Q(tenant=at) | Q(tenant__isnull=True))
    context = {
        "organization": organization,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "me": person().pk,
        "place": place,
        "layout": "page.html" if tenant else "organization/layout.html",
        "waiting": waiting_rows(place),
        "account_changes": open_changes(organization) if place.whole else [],
        "invitations": selectors.open_invitations(organization=organization).filter(place.rows),
        "roles": Role.choices,
        "tenants": place.tenants,
        "chosen": chosen,
        "ignored_terms": ignored,
        "ended": ended,
        "filtered": any(chosen.values()),
    }
    if tenant:
        context["tenant"] = tenant
    return render(request, "organization/people.html", context)


@CHANGES
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody. A worker mails the link. The page never shows the link.

    If the form was opened from a customer's page of people, the query parameter `at` is the slug of this customer. The
    form then suggests this customer.
    """
    place = AccessPlace.of(slug)
    organization = place.organization
    customer = next((row for row in place.tenants if row.slug == request.GET.get("at")), None)
    initial = {"place": [str(customer.pk)]} if customer else {}
    form = InviteForm(request.POST or None, place=place, initial=initial)
    back = reverse("tenant-people", args=[customer.slug]) if customer else _page(organization)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite_person(
                by=person(),
                organization=organization,
                tenants=form.tenants(),
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
                access_until=form.until_moment(),
                access_from=form.start_moment(),
                review=form.review(),
            )
        except Refusal as error:
            _refused(form, error)
        else:
            messages.success(request, f"{invitation.email} is invited. The link is sent by mail.")
            return redirect(back)
    context = {
        "organization": organization,
        "form": form,
        "back": back,
        "confirmed_roles": [role.label for role in Role if role in NEEDS_SECOND_ADMINISTRATOR],
    }
    return render(request, "organization/invite.html", context, status=400 if form.errors else 200)


@CHANGES
def change(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Replace a person's role with another role. The new role is for the same customer or organization."""
    organization, row = _found(slug, pk)
    form = RoleForm(request.POST or None, membership=row)
    if request.method == "POST" and form.is_valid():
        try:
            granted = members.change_role(
                by=person(),
                membership=row,
                role=Role(form.cleaned_data["role"]),
                valid_from=form.start_moment(),
                valid_until=form.until_moment(),
                review=form.review(),
            )
        except Refusal as error:
            _refused(form, error)
        else:
            if granted.confirmation == Membership.Confirmation.WAITING:
                text = (
                    f"The role {granted.get_role_display()} waits for a second administrator. Until an administrator"
                    f" confirms it, {granted.person} keeps the role {row.get_role_display()}."
                )
            elif not granted.has_started:
                text = f"{granted.person} gets the role {granted.get_role_display()} on {granted.valid_from:%Y-%m-%d}."
            else:
                text = f"{granted.person} now has the role {granted.get_role_display()}."
            messages.success(request, text)
            return redirect("organization-people", slug=slug)
    context = {"organization": organization, "membership": row, "form": form}
    return render(request, "organization/change_role.html", context, status=400 if form.errors else 200)


@CHANGES
def review(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Change the review period of an auditor."""
    organization, row = _found(slug, pk)
    if row.role != Role.AUDITOR:
        raise NotFound("Only auditors have a review period.")
    initial = {"review_first": row.review_first, "review_last": row.review_last}
    form = ReviewForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = members.change_review_period(by=person(), membership=row, review=form.review())
        except Refusal as error:
            _refused(form, error)
        else:
            period = changed.review_period
            text = f"reviews {period}" if period else "has no review period and sees all records"
            messages.success(request, f"{changed.person} {text}.")
            return redirect("organization-people", slug=slug)
    context = {"organization": organization, "membership": row, "form": form}
    return render(request, "organization/review_period.html", context, status=400 if form.errors else 200)


@CHANGES
def end(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Ask for confirmation. POST ends the access immediately."""
    organization, row = _found(slug, pk)
    if request.method == "POST":
        with reported(request, f"The access of {row.person} as {row.get_role_display()} has ended."):
            members.revoke_membership(by=person(), membership=row)
        return redirect("organization-people", slug=slug)
    return render(request, "organization/end.html", {"organization": organization, "membership": row})


@require_POST
def decide(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Confirm or refuse another person's role, as the second administrator. `decision` is “confirm” or “refuse”."""
    _, row = _found(slug, pk)
    decision = request.POST.get("decision")
    if decision not in ("confirm", "refuse"):
        messages.error(request, "Choose a decision: confirm or refuse.")
        return redirect("organization-people", slug=slug)
    try:
        members.decide_membership(by=person(), membership=row, confirm=decision == "confirm")
    except Conflict as error:
        messages.error(request, error.message)
    else:
        done = "confirmed" if decision == "confirm" else "refused"
        messages.success(request, f"The role {row.get_role_display()} of {row.person} is {done}.")
    return redirect("organization-people", slug=slug)


@require_POST
def send_again(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Mail an open invitation again. The previous link stops working."""
    _, invitation = _found_invitation(slug, pk)
    done = f"A mail with a new link was sent to {invitation.email}. The previous link no longer works."
    with reported(request, done, refusal=Conflict):
        send_invitation_again(by=person(), invitation=invitation)
    return redirect("organization-people", slug=slug)


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, invitation = _found_invitation(slug, pk)
    with reported(request, f"The invitation of {invitation.email} is withdrawn.", refusal=Conflict):
        members.withdraw_invitation(by=person(), invitation=invitation)
    return redirect("organization-people", slug=slug)


def _page(organization: Organization) -> str:
    return reverse("organization-people", args=[organization.slug])


def _found(slug: str, pk: str) -> tuple[Organization, Membership]:
    organization = AccessPlace.of(slug).organization
    rows = Membership.objects.filter(organization=organization).select_related(
        "person", "tenant", "organization"
    )
    return organization, access.get(Membership, pk, needs=Capability.MEMBERS, queryset=rows)


def _found_invitation(slug: str, pk: str) -> tuple[Organization, Invitation]:
    organization = AccessPlace.of(slug).organization
    rows = Invitation.objects.filter(organization=organization)
    return organization, access.get(Invitation, pk, needs=Capability.MEMBERS, queryset=rows)


def _refused(form: Any, error: Refusal) -> None:
    """Add the errors of an action to the form. If an error is about an argument of the action, show the error at the
    form field from which the argument comes.
    """
    names = {
        "access_from": "starts",
        "valid_from": "starts",
        "access_until": "until",
        "valid_until": "until",
        "tenant": "place",
    }
    error.fields = {names.get(name, name): texts for name, texts in error.fields.items()}
    refused(form, error)
