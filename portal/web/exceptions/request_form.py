"""Define the forms that request an exception for selected findings, or by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.estate.quantities import in_days
from portal.treatment.actions.exceptions.request import END_TOO_EARLY, MAX_LEAD_TIME, MAX_TEXT
from portal.treatment.conditions import NO_CONDITION
from portal.treatment.matching import FIELDS
from portal.web.components.form_parts import FilesField, day_input, last_day
from portal.web.shared.forms.condition import ConditionForm
from portal.web.shared.visible import may
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.days import end_of_day, start_of_day


class RequestForm(forms.Form):
    """A form with the reason, compensating control, period and files of the request."""

    reason = forms.CharField(
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="State why the failure must be accepted. The approver reads this text. Auditors can read it later.",
        error_messages={"required": "Enter why the failure must be accepted."},
    )
    compensating_control = forms.CharField(
        label="Compensating control",
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The measure that reduces the risk while the exception is in force.",
    )
    starts_at = forms.DateField(
        label="Starts", required=False, widget=day_input(), help_text="Leave empty to start on approval."
    )
    ends_at = forms.DateField(label="Ends", error_messages={"required": "Choose the last day."})

    def __init__(
        self, tenant: Tenant, data: Any = None, files: Any = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, files, initial=dict(initial or {}))
        self.max_duration = timedelta(days=tenant.exception_cap_days)
        now = timezone.now()
        end = self.fields["ends_at"]
        end.widget = day_input(min=f"{now:%Y-%m-%d}")
        end.help_text = format_html(
            "{} allows exceptions of at most {}. If the exception starts now, it can last until {}. The exception"
            " includes the last day (UTC).",
            _policy_link(tenant),
            in_days(tenant.exception_cap_days),
            f"{last_day(now + self.max_duration):%Y-%m-%d}",
        )
        self.fields["files"] = FilesField()

    def clean_starts_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["starts_at"]
        today = timezone.now().date()
        if day is None or day == today:
            return None
        if day < today:
            raise forms.ValidationError(
                "The start must not be in the past. To start the exception on its approval, leave this field empty."
            )
        if day > today + MAX_LEAD_TIME:
            raise forms.ValidationError(
                f"The start must be within {MAX_LEAD_TIME.days} days from now. Choose an earlier day."
            )
        return start_of_day(day)

    def clean_ends_at(self) -> datetime:
        day: date = self.cleaned_data["ends_at"]
        now = timezone.now()
        start = self.cleaned_data.get("starts_at") or now
        latest = last_day(start + self.max_duration)
        if day > latest:
            raise forms.ValidationError(
                f"The policy allows exceptions of at most {in_days(self.max_duration.days)}. Choose {latest:%Y-%m-%d}"
                " or an earlier day."
            )
        if end_of_day(day) <= start:
            raise forms.ValidationError(END_TOO_EARLY)
        return end_of_day(day)

    def request_arguments(self) -> dict[str, Any]:
        """Return the form's values as arguments of `request_exception`. The arguments that choose the findings are not
        included.
        """
        names = ("reason", "compensating_control", "starts_at", "ends_at", "files")
        return {name: self.cleaned_data[name] for name in names}


def _policy_link(tenant: Tenant) -> SafeString:
    """Return the text “The policy of <customer>”, with a link to the policy's page for people who may change it."""
    if not may(Capability.ADMINISTER, tenant):
        return format_html("The policy of {}", tenant.name)
    return format_html(
        'The <a href="{}">policy of {}</a>', reverse("policy", args=[tenant.slug]), tenant.name
    )


class RuleRequestForm(ConditionForm, RequestForm):
    """A form that requests an exception by a rule.

    The exception covers the present and future findings that match the rule, up to a maximum number.
    """

    maximum = forms.IntegerField(
        label="Maximum findings covered",
        min_value=1,
        required=False,
        help_text="The exception also covers findings that match the rule later, up to this number. If more findings"
        " match, an approver must decide again. Leave this field empty to use the number of findings that fail"
        " now.",
    )

    def __init__(
        self,
        tenant: Tenant,
        names: Mapping[str, str],
        data: Any = None,
        files: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(tenant, data, files, names=names, initial=initial)
        self.order_fields([*FIELDS, "maximum"])

    def clean(self) -> dict[str, Any]:
        """Check that the rule has a condition.

        The action checks this too, but it runs only if all fields are valid. With the check in the form, this error is
        shown together with the errors of the fields.
        """
        if not any(self.data.get(name, "").strip() for name in FIELDS):
            self.add_error(None, NO_CONDITION)
        return super().clean() or self.cleaned_data
