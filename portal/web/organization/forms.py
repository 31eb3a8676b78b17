"""Define forms about access: invite a person, change a role, change an auditor's review period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms

from portal.web.components.form_parts import day_input, set_choices
from portal.web.organization.place import AccessPlace
from tenants.actions.access_periods import review_of
from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import Membership, Tenant
from tenants.roles import ORGANIZATION_ROLES, Role
from tenants.values.days import end_of_day, start_of_day

WHOLE: Final = "organization"


class _ReviewForm(forms.Form):
    """A form with the first and the last day of an auditor's review period."""

    review_first = forms.DateField(
        label="First day of the review period",
        required=False,
        widget=day_input(),
        help_text="Only for auditors, who then see only the records of the review period. Leave this field empty to"
        " show all records.",
    )
    review_last = forms.DateField(
        label="Last day of the review period",
        required=False,
        widget=day_input(),
        help_text="The period includes this day. Days are in UTC.",
    )

    def review(self) -> ReviewPeriod | None:
        """Return the review period, or None if no day is entered. Raise InvalidInput if only one of the two days is
        entered.
        """
        return review_of(self.cleaned_data["review_first"], self.cleaned_data["review_last"])


class _PeriodForm(_ReviewForm):
    """A form with the first and last day of access, and the review period."""

    starts = forms.DateField(
        label="First day of access",
        required=False,
        widget=day_input(),
        help_text="The day on which the access starts, at 00:00 UTC. Leave this field empty to start the access now.",
    )
    until = forms.DateField(
        label="Last day of access",
        required=False,
        widget=day_input(),
        help_text="Required for auditors. For other roles, leave this field empty for access without an end.",
    )

    def start_moment(self) -> datetime | None:
        """Return the start of the chosen day in UTC."""
        day = self.cleaned_data["starts"]
        return start_of_day(day) if day else None

    def until_moment(self) -> datetime | None:
        """Return the end of the chosen day in UTC."""
        day = self.cleaned_data["until"]
        return end_of_day(day) if day else None


class InviteForm(_PeriodForm):
    """A form with an email address, a role, and either customers or the whole organization."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The link in the mail works only for this address.",
    )
    role = forms.ChoiceField(label="Role")
    place = forms.MultipleChoiceField(
        label="Access to",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one customer, or the whole organization."},
    )

    field_order = ("email", "role", "place", "starts", "until", "review_first", "review_last")

    def __init__(self, *args: Any, place: AccessPlace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tenants = {str(tenant.pk): tenant for tenant in place.tenants}
        choices = [(key, tenant.name) for key, tenant in self._tenants.items()]
        if place.whole:
            choices.insert(0, (WHOLE, f"{place.organization.name} and all its customers"))
            self.fields["place"].help_text = (
                f"For an organization role, choose “{place.organization.name} and all its customers”. For any other"
                " role, choose customers. The person gets one mail with one link for all chosen customers."
            )
        set_choices(self, "place", choices)
        # No role is preselected. The first role has the most rights, and if it were preselected, somebody could get it
        # by mistake.
        roles = [one for one in Role if place.whole or one not in ORGANIZATION_ROLES]
        set_choices(self, "role", [("", "Choose a role"), *((one.value, one.label) for one in roles)])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        role, place = cleaned.get("role"), cleaned.get("place")
        if role and place:
            is_fitting = place == [WHOLE] if role in ORGANIZATION_ROLES else WHOLE not in place
            wanted = "Choose the whole organization" if role in ORGANIZATION_ROLES else "Choose customers"
            if not is_fitting:
                self.add_error("place", f"{wanted} for the role {Role(role).label.lower()}.")
        return cleaned

    def tenants(self) -> list[Tenant]:
        """Return the chosen customers. The list is empty if the whole organization was chosen."""
        return [self._tenants[key] for key in self.cleaned_data["place"] if key in self._tenants]


class RoleForm(_PeriodForm):
    """A form that gives a person another role for the same customer or organization. It proposes the days of the
    present role.
    """

    role = forms.ChoiceField(label="New role")

    field_order = ("role", "starts", "until", "review_first", "review_last")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        days = {}
        if membership.valid_until:
            # `valid_until` is the last second of a day or the beginning of the next day. In both cases, the moment one
            # second earlier is on the last day of the access.
            days["until"] = (membership.valid_until - timedelta(seconds=1)).astimezone(UTC).date()
        if not membership.has_started:
            days["starts"] = membership.valid_from.astimezone(UTC).date()
        super().__init__(*args, **{"initial": days, **kwargs})
        whole = membership.tenant_id is None
        roles = [one for one in Role if (one in ORGANIZATION_ROLES) == whole and one != membership.role]
        set_choices(self, "role", [(one.value, one.label) for one in roles])
        if whole or membership.role == Role.AUDITOR:
            # Only auditors have review periods. In these two cases, `roles` does not contain the role “Auditor”.
            del self.fields["review_first"], self.fields["review_last"]

    def review(self) -> ReviewPeriod | None:
        """Return the review period. Return None if the form has no fields for the period, or if these fields
        are empty.
        """
        return super().review() if "review_first" in self.fields else None


class ReviewForm(_ReviewForm):
    """A form that changes the review period of an auditor."""
