"""The review of one or several changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.changes.actions.review import (
    MAX_REASON,
    MAX_REVIEWED,
    MAX_TICKET,
    accept,
    mark_rolled_back,
    reject,
)
from portal.changes.models import ResourceChange
from portal.queries.changes.names import actor_names
from portal.queries.changes.visible import visible_changes
from portal.treatment.selectors.owners import eligible_owners
from portal.web.changes import rows
from portal.web.components.form_parts import refused, set_choices
from portal.web.shared.forms.treatments import person_choices
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.errors import NotFound, Refusal
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.roles import Capability

EXPECTED, UNEXPECTED, ROLLED_BACK = "expected", "unexpected", "rolled_back"
DUE_DAYS: Final = 7
MAX_LISTED: Final = 20
_DONE: Final = {
    EXPECTED: "reviewed as expected",
    UNEXPECTED: "reviewed as unexpected",
    ROLLED_BACK: "marked as rolled back",
}


class ReviewForm(forms.Form):
    """The form for the decision about changes. Unexpected changes need an owner and a due date."""

    decision = forms.ChoiceField(
        choices=[
            (EXPECTED, "Expected"),
            (UNEXPECTED, "Unexpected: somebody has to work on it"),
            (ROLLED_BACK, "Rolled back: somebody has undone it"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a decision."},
    )
    reason = forms.CharField(
        required=False,
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Required, unless the change was rolled back.",
    )
    ticket = forms.CharField(required=False, max_length=MAX_TICKET, help_text="Number or name of a ticket.")
    owner = forms.ChoiceField(required=False, help_text="Needed for an unexpected change.")
    due = forms.DateField(
        label="Due",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Needed for an unexpected change.",
    )

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(who.pk): who for who in people}
        set_choices(self, "owner", [("", "Choose a person"), *person_choices(people)])

    def clean(self) -> dict[str, Any]:
        """Check that the fields which the decision requires are filled in."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("decision") == UNEXPECTED:
            if not data.get("owner"):
                self.add_error("owner", "Choose who works on the change.")
            if not data.get("due") and "due" not in self.errors:
                self.add_error("due", "Enter a date.")
        return data

    def chosen_owner(self) -> Person:
        """Return the person who was chosen as owner of the change. Call this function only for unexpected changes,
        because other changes get no owner.
        """
        return self._people[self.cleaned_data["owner"]]


def review_form(tenant: Tenant, found: Sequence[ResourceChange], data: QueryDict | None) -> ReviewForm:
    """Return the form. A new form proposes the ticket, the owner and the due date that all changes in `found` share.

    Without a shared ticket, the form proposes no ticket. Without a shared owner who can be chosen, it proposes the
    signed-in person. Without a shared due date, or if this date has passed, it proposes a date in `DUE_DAYS` days.

    People who may not assign findings can choose only themselves. So people who see only their own findings do not
    learn who else is a member.
    """
    zone, me = ZoneInfo(tenant.timezone), person()
    today = timezone.now().astimezone(zone).date()
    people = eligible_owners(tenant)
    if not may(Capability.ASSIGN, tenant):
        people = [who for who in people if who == me]
    tickets, owners = {row.ticket for row in found}, {row.owner_id for row in found}
    days = {row.due_at.astimezone(zone).date() if row.due_at else None for row in found}
    owner = next((who for who in people if owners == {who.pk}), me)
    due = days.pop() if len(days) == 1 else None
    initial = {
        "ticket": tickets.pop() if len(tickets) == 1 else "",
        "owner": str(owner.pk),
        "due": due if due and due >= today else today + timedelta(days=DUE_DAYS),
    }
    return ReviewForm(data, people=people, initial=initial)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form for the changes whose ids are in the parameter `change`, or store the decision about them."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    given = request.POST if request.method == "POST" else request.GET
    found = _changes(tenant, given.getlist("change"))
    if not found:
        messages.error(request, "Select at least one change that a watch rule caught.")
        return redirect("resource-changes", slug=slug)
    form = review_form(tenant, found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            count = _store(tenant, found, form)
        except Refusal as error:
            refused(form, error)
        else:
            noun = "Change" if count == 1 else f"{count} changes"
            messages.success(request, f"{noun} {_DONE[form.cleaned_data['decision']]}.")
            if count == 1:
                return redirect("resource-change", slug=slug, pk=found[0].pk)
            return redirect("resource-changes", slug=slug)
    names = actor_names(tenant, found[:MAX_LISTED])
    context = {
        "tenant": tenant,
        "form": form,
        "changes": found,
        "rows": rows.changes(tenant, found[:MAX_LISTED], unit_names(tenant), names),
        "more": max(0, len(found) - MAX_LISTED),
    }
    return render(request, "changes/review.html", context, status=400 if form.is_bound else 200)


def _changes(tenant: Tenant, given: list[str]) -> list[ResourceChange]:
    """Return those of the given changes that a watch rule caught.

    Raise NotFound if the person cannot see one of the changes.
    """
    wanted = {parse_uuid(one) for one in given[: MAX_REVIEWED + 1]}
    visible = visible_changes(tenant, person(), sees_all=may(Capability.VIEW_ALL, tenant))
    found = list(visible.filter(pk__in=[pk for pk in wanted if pk]).order_by("-at", "-id"))
    if len(found) != len(wanted):
        raise NotFound("One of these changes does not exist, or you have no access to it.")
    return [row for row in found if row.state != ResourceChange.State.NOT_CAUGHT]


def _store(tenant: Tenant, found: list[ResourceChange], form: ReviewForm) -> int:
    data = form.cleaned_data
    if data["decision"] == EXPECTED:
        return accept(tenant=tenant, changes=found, by=person(), reason=data["reason"], ticket=data["ticket"])
    if data["decision"] == ROLLED_BACK:
        return mark_rolled_back(
            tenant=tenant, changes=found, by=person(), reason=data["reason"], ticket=data["ticket"]
        )
    end = datetime.combine(data["due"], time.max, ZoneInfo(tenant.timezone))
    return reject(
        tenant=tenant,
        changes=found,
        by=person(),
        reason=data["reason"],
        ticket=data["ticket"],
        owner=form.chosen_owner(),
        due_at=end.replace(microsecond=0),
    )
