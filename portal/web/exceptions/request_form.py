"""The form that asks for an exception: for chosen findings, or by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.treatment.actions.exception_request import MAX_LEAD_TIME, MAX_TEXT
from portal.treatment.matching import FIELDS
from portal.web.components.form_parts import FilesField, day_input, end_of, last_day, start_of
from portal.web.shared.condition_form import ConditionForm
from portal.web.shared.visible import may
from tenants.models import Tenant
from tenants.roles import Capability


class RequestForm(forms.Form):
    """Why, until when, and what lessens the risk meanwhile."""

    reason = forms.CharField(
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Why it has to stay as it is. An approver and, later, an auditor read it.",
        error_messages={"required": "Say why it has to stay as it is."},
    )
    compensating_control = forms.CharField(
        label="Compensating control",
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What lessens the risk in the meantime.",
    )
    starts_at = forms.DateField(
        label="From", required=False, widget=day_input(), help_text="Empty: as soon as it is approved."
    )
    ends_at = forms.DateField(label="Until", error_messages={"required": "Give the day on which it ends."})

    def __init__(
        self, tenant: Tenant, data: Any = None, files: Any = None, *, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, files, initial=dict(initial or {}))
        self.cap = timedelta(days=tenant.exception_cap_days)
        now = timezone.now()
        end = self.fields["ends_at"]
        end.widget = day_input(min=f"{now:%Y-%m-%d}")
        end.help_text = format_html(
            "{} allows at most {} days: until {} if it begins now. It ends with that day (UTC).",
            _policy_of(tenant),
            tenant.exception_cap_days,
            f"{last_day(now + self.cap):%Y-%m-%d}",
        )
        self.fields["files"] = FilesField()

    def clean_starts_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["starts_at"]
        today = timezone.now().date()
        if day is None or day == today:
            return None
        if day < today:
            raise forms.ValidationError("It cannot begin in the past. Leave it empty for now.")
        if day > today + MAX_LEAD_TIME:
            raise forms.ValidationError(f"It can begin at most {MAX_LEAD_TIME.days} days from now.")
        return start_of(day)

    def clean_ends_at(self) -> datetime:
        day: date = self.cleaned_data["ends_at"]
        now = timezone.now()
        begins = self.cleaned_data.get("starts_at") or now
        latest = last_day(begins + self.cap)
        if day > latest:
            raise forms.ValidationError(
                f"This is after the longest that the policy allows ({self.cap.days} days): choose "
                f"{latest:%Y-%m-%d} or earlier."
            )
        if end_of(day) <= begins:
            raise forms.ValidationError("The end must come after the beginning, and not in the past.")
        return end_of(day)

    def asked(self) -> dict[str, Any]:
        """The action's arguments besides what it is about."""
        names = ("reason", "compensating_control", "starts_at", "ends_at", "files")
        return {name: self.cleaned_data[name] for name in names}


def _policy_of(tenant: Tenant) -> SafeString:
    """Names the policy; a link for whoever may change it."""
    if not may(Capability.ADMINISTER, tenant):
        return format_html("The policy of {}", tenant.name)
    return format_html(
        'The <a href="{}">policy of {}</a>', reverse("policy", args=[tenant.slug]), tenant.name
    )


class RuleRequestForm(ConditionForm, RequestForm):
    """For whatever a rule matches, now and later, up to a maximum. All conditions that are set must hold."""

    maximum = forms.IntegerField(
        label="At most so many findings",
        min_value=1,
        required=False,
        help_text="What matches later is covered too, up to this number; then it comes back to an approver. "
        "Empty: as many as fail now.",
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
