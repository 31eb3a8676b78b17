"""Serve the pages that administrators use when a person leaves.

On these pages, administrators hand over what the person owns, end the person's access, and disable or
pseudonymise the account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.accounts.account_rights import limit_of
from portal.accounts.actions.disable import set_account_active
from portal.changes.actions.hand_over import count_owned_changes, hand_over_changes
from portal.distribution.actions.offboarding import hand_over_schedules
from portal.distribution.models import ReportSchedule
from portal.distribution.responsible import Schedule, eligible_successors, schedules_of
from portal.offboarding.erasures.checks import MAX_REASON
from portal.offboarding.erasures.requests import request_pseudonymisation
from portal.offboarding.models import Erasure
from portal.offboarding.people.other_organizations import elsewhere_sentence, worked_elsewhere
from portal.treatment.actions.owners.hand_over import Owned, hand_over, owned_by
from portal.treatment.selectors.baselines import rules_of_owner
from portal.treatment.selectors.owners import eligible_owner_ids
from portal.web.components.form_parts import refused, set_choices
from portal.web.organization.place import AccessPlace
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import actions as members
from tenants import selectors
from tenants.errors import Conflict, NotFound, Refusal
from tenants.models import Invitation, Membership, Organization, Person, ServiceAccount, Tenant


class LeavingForm(forms.Form):
    """A form with three questions: who takes over what the person owns, whether the person's access and open
    invitations end, and whether the account is disabled.

    Fields that would have no effect are left out.
    """

    to = forms.ChoiceField(label="Hand over to", required=False)
    end_access = forms.BooleanField(required=False)
    disable = forms.BooleanField(
        label="Disable the account",
        required=False,
        help_text="The person can no longer sign in, and all sessions of the person end. You can enable the account"
        " again on this page.",
    )

    def __init__(
        self,
        *args: Any,
        people: list[Person],
        owns: bool,
        has_access: bool,
        is_invited: bool,
        may_disable: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(who.pk): who for who in people}
        successors = [(key, f"{who.get_full_name()} ({who.email})") for key, who in self._people.items()]
        set_choices(self, "to", [("", "Do not hand over"), *successors])
        ends = [("End all access shown above", has_access), ("withdraw open invitations", is_invited)]
        label = ", and ".join(text for text, applies in ends if applies)
        self.fields["end_access"].label = label[:1].upper() + label[1:]
        for name, applies in (("to", owns), ("end_access", bool(label)), ("disable", may_disable)):
            if not applies:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(data.get(name) for name in self.fields):
            raise forms.ValidationError("Choose a successor, or select at least one other action.")
        return data

    def successor(self) -> Person | None:
        return self._people.get(self.cleaned_data.get("to", ""))


class PseudonymiseForm(forms.Form):
    """A form with the reason why the person is pseudonymised."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="This reason is deleted at the end of the pseudonymisation.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show what a person owns and may do. POST carries out what the form asks for, in one transaction.

    The form can hand over what the person owns, end the access and disable the account. Other forms of the page enable
    the account or request that the person is pseudonymised.
    """
    place = AccessPlace.of(slug)
    organization = place.organization
    who = _who(place, pk)
    may_change = limit_of(person(), organization, who) is None
    if request.method == "POST" and "enable" in request.POST:
        with reported(request, f"The account of {who} is enabled.", refusal=Conflict):
            set_account_active(by=person(), organization=organization, person=who, active=True)
        return redirect("person-leaving", slug=slug, pk=pk)
    pseudonymise = PseudonymiseForm(
        request.POST if request.method == "POST" and "pseudonymise" in request.POST else None
    )
    if pseudonymise.is_bound and place.whole and pseudonymise.is_valid():
        try:
            erasure = request_pseudonymisation(
                organization=organization, person=who, by=person(), reason=pseudonymise.cleaned_data["reason"]
            )
        except Refusal as error:
            refused(pseudonymise, error)
        else:
            messages.success(
                request, "Pseudonymisation requested. Another administrator must confirm the request."
            )
            return redirect("erasure", slug, erasure.pk)
    owned = owned_by(who, place.tenants, campaigns=place.whole)
    changes = count_owned_changes(who, place.tenants)
    reports = schedules_of(who, place.tenants, organization if place.whole else None)
    rows = _memberships(place, who)
    invitations = _invitations(place, who)
    owns = bool(owned or changes or reports)
    concerned = [tenant for tenant in place.tenants if tenant.pk in changes]
    people = _successors({*(one.tenant for one in owned), *concerned}, reports, who)
    form = LeavingForm(
        request.POST if request.method == "POST" and not pseudonymise.is_bound else None,
        people=people,
        owns=owns,
        has_access=bool(rows),
        is_invited=bool(invitations),
        may_disable=may_change and who.is_active,
    )
    if form.is_bound and who.pk != person().pk and form.is_valid():
        try:
            with transaction.atomic():
                done = _leave(place, who, form, rows, invitations)
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(request, " ".join(done))
            return redirect("person-leaving", slug=slug, pk=pk)
    offers = place.whole and not rows and not owns
    context = {
        "organization": organization,
        "who": who,
        "owned": _owned_rows(place, owned, changes, reports),
        "baseline_rules": _baseline_rules(organization, who) if place.whole else [],
        "service_accounts": _service_accounts(organization, who) if place.whole else [],
        "memberships": rows,
        "form": form,
        "nobody_fits": owns and not people,
        "may_enable": may_change and not who.is_active,
        "own": who.pk == person().pk,
        "pseudonymise": pseudonymise if offers else None,
        "elsewhere": elsewhere_sentence(who) if offers and worked_elsewhere(organization, who) else "",
        "erasure": Erasure.objects.filter(subject=who.pk).defer("certificate").first()
        if place.whole
        else None,
    }
    bad = form.is_bound or pseudonymise.is_bound
    return render(request, "organization/leaving.html", context, status=400 if bad else 200)


def _leave(
    place: AccessPlace,
    who: Person,
    form: LeavingForm,
    rows: list[Membership],
    invitations: list[Invitation],
) -> list[str]:
    """Hand over what the person owns, end the access and disable the account. Each step happens only if the form asks
    for it.

    Return sentences that say what was done.
    """
    by, data = person(), form.cleaned_data
    done = []
    successor = form.successor()
    if successor is not None:
        handed = hand_over(by=by, person=who, to=successor, tenants=place.tenants, campaigns=place.whole)
        changes = hand_over_changes(by=by, person=who, to=successor, tenants=place.tenants)
        schedules = hand_over_schedules(
            by=by,
            person=who,
            to=successor,
            tenants=place.tenants,
            organization=place.organization if place.whole else None,
        )
        if handed or changes or not schedules:
            done.append(f"{successor} now owns {_handed(handed, changes)} that {who} owned.")
        if schedules:
            number = f"{schedules} report schedule{'' if schedules == 1 else 's'}"
            done.append(f"{successor} is now responsible for {number} of {who}.")
    if data.get("disable"):
        set_account_active(by=by, organization=place.organization, person=who, active=False)
        done.append(f"The account of {who} is disabled.")
    if data.get("end_access"):
        for row in rows:
            members.revoke_membership(by=by, membership=row)
        for invitation in invitations:
            members.withdraw_invitation(by=by, invitation=invitation)
        done.append(f"The access of {who} has ended.")
    return done


def _handed(owned: list[Owned], changes: int) -> str:
    """Return a text about the things that were handed over, such as “2 findings, 1 owner rule, all campaigns”."""
    findings, rules = sum(one.findings for one in owned), sum(one.rules for one in owned)
    parts = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((findings, "finding"), (changes, "unexpected change"), (rules, "owner rule"))
        if number
    ]
    return (
        ", ".join([*parts, *(["all campaigns"] if any(one.campaigns for one in owned) else [])]) or "nothing"
    )


def _who(place: AccessPlace, pk: str) -> Person:
    """Return the person with this id. Raise NotFound if the person never had a role in the organization.

    If the signed-in person administers only some customers, only roles in these customers count.
    """
    found = Membership.objects.filter(place.rows, organization=place.organization, person_id=pk)
    row = found.select_related("person").first()
    if row is None:
        raise NotFound("This person does not exist, or has never had a role in this organization.")
    return row.person


def _memberships(place: AccessPlace, who: Person) -> list[Membership]:
    rows = Membership.objects.filter(place.rows, organization=place.organization, person=who)
    rows = rows.exclude(valid_until__lte=timezone.now()).exclude(confirmation=Membership.Confirmation.REFUSED)
    return list(rows.select_related("tenant", "person", "organization").order_by("tenant__name", "role"))


def _invitations(place: AccessPlace, who: Person) -> list[Invitation]:
    rows = selectors.open_invitations(organization=place.organization)
    return list(rows.filter(place.rows, email=who.email))


def _owned_rows(
    place: AccessPlace, owned: list[Owned], changes: Mapping[UUID, int], reports: list[Schedule]
) -> list[dict[str, Any]]:
    """Return what the person owns, one row for each customer. The organization's report schedules come last."""
    counts = {one.tenant.pk: one for one in owned}
    tenants = {tenant.pk: tenant for tenant in place.tenants if tenant.pk in counts or tenant.pk in changes}
    schedules: dict[Any, int] = {}
    for row in reports:
        key = row.tenant_id if isinstance(row, ReportSchedule) else None
        schedules[key] = schedules.get(key, 0) + 1
        if isinstance(row, ReportSchedule):
            tenants.setdefault(row.tenant_id, row.tenant)
    found = [
        {
            "tenant": tenant,
            "owned": counts.get(pk),
            "changes": changes.get(pk, 0),
            "schedules": schedules.get(pk, 0),
        }
        for pk, tenant in sorted(tenants.items(), key=lambda item: item[1].name)
    ]
    return found + ([{"schedules": schedules[None]}] if None in schedules else [])


def _baseline_rules(organization: Organization, who: Person) -> list[tuple[str, str]]:
    """Return (name, URL) of the baselines' owner rules that assign findings to the person.

    These rules are not handed over, because a change of a baseline also changes the settings of the customers that use
    it.
    """
    return [
        (
            f"{baseline.name}: {baseline.owner_rules[position]['name']}",
            reverse("baseline-rule", args=[organization.slug, baseline.pk, position]),
        )
        for baseline, position in rules_of_owner(organization, who)
    ]


def _service_accounts(organization: Organization, who: Person) -> list[ServiceAccount]:
    """Return the service accounts for which the person is responsible.

    Service accounts are not handed over, because all tokens and client secrets of a service account are revoked when
    its responsible person changes.
    """
    rows = ServiceAccount.objects.filter(organization=organization, responsible=who)
    return list(rows.filter(disabled_at__isnull=True))


def _successors(tenants: Collection[Tenant], reports: list[Schedule], who: Person) -> list[Person]:
    """Return the people who can take over everything that the person owns.

    They must be allowed to own findings at each of the customers `tenants`, and to be responsible for the report
    schedules.
    """
    by_tenant = eligible_owner_ids(tenants) if tenants else {}
    fitting = [*by_tenant.values(), *([eligible_successors(reports)] if reports else [])]
    if not fitting:
        return []
    ids = set.intersection(*fitting) - {who.pk}
    return list(Person.objects.filter(pk__in=ids).order_by("name", "email"))
