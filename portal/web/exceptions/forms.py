"""Forms for decisions about exceptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils import timezone

from assessments.estate.quantities import in_days
from portal.treatment.actions.exceptions.decide import CRITICAL_NOTE
from portal.treatment.models import FindingException
from portal.treatment.selectors.exception_scope import is_critical
from portal.treatment.selectors.exceptions import seen_digest
from portal.web.components.form_parts import day_input, last_day
from tenants.values.days import end_of_day

MAX_NOTE_LENGTH = 4000
REFUSAL_LABEL: Final = "Reason for refusing"


class NoteForm(forms.Form):
    """The form for a reason, which is required."""

    def __init__(self, data: Any = None, *, prefix: str, label: str) -> None:
        super().__init__(data, prefix=prefix)
        self.fields["note"] = forms.CharField(
            label=label,
            max_length=MAX_NOTE_LENGTH,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Enter a reason that the requester can understand."},
        )


def _latest_end(exception: FindingException) -> datetime:
    """Return the latest end that the current policy allows. An approval with a later end is refused."""
    start = max(timezone.now(), exception.starts_at)
    return start + timedelta(days=exception.tenant.exception_cap_days)


class ApproveForm(forms.Form):
    """The form that approves an exception as requested, or with a lower maximum number of findings or an earlier end.

    `seen` is the digest of the findings as the page showed them, so that an approver approves only what the page
    showed.
    """

    note = forms.CharField(
        label="Note", max_length=MAX_NOTE_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, exception: FindingException, data: Any = None) -> None:
        super().__init__(data, initial={"seen": seen_digest(exception)})
        # Approving an exception for a critical finding requires a reason.
        self.needs_note = exception.state in FindingException.PENDING and is_critical(exception)
        if self.needs_note:
            self.fields["note"].required = True
            self.fields["note"].error_messages["required"] = CRITICAL_NOTE
        if exception.scope == FindingException.Scope.RULE:
            self.fields["maximum"] = forms.IntegerField(
                label="Maximum findings covered",
                min_value=1,
                initial=exception.maximum,
                help_text=(
                    "The exception also covers findings that match the rule later, up to this total. If more"
                    " findings match, an approver must decide again."
                ),
            )
        requested = self.requested_end = exception.ends_at.astimezone(UTC)
        latest = _latest_end(exception)
        too_long = latest < requested
        limit = last_day(latest) if too_long else requested
        hint = (
            f"Leave this field empty to use the requested end, {requested:%Y-%m-%d}. The exception includes the"
            " last day (UTC)."
        )
        if too_long:
            hint = (
                f"The exception was requested until {requested:%Y-%m-%d}, but the policy now allows only"
                f" {in_days(exception.tenant.exception_cap_days)}. Choose {limit:%Y-%m-%d} or an earlier day."
                " The exception includes the last day (UTC)."
            )
        self.fields["ends_at"] = forms.DateField(
            label="End earlier, on",
            required=too_long,
            widget=day_input(max=f"{limit:%Y-%m-%d}"),
            help_text=hint,
            error_messages={
                "required": "The requested end is later than the policy now permits. Choose an earlier end."
            },
        )
        self.order_fields(["maximum", "ends_at", "note", "seen"])

    def renewed(self, exception: FindingException, problem: str) -> ApproveForm:
        """Return a new form with the values that the person typed, the digest of the current findings, and the error
        `problem`.
        """
        form = ApproveForm(exception, {**dict(self.data.items()), "seen": seen_digest(exception)})
        form.add_error(None, problem)
        return form

    def clean_ends_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["ends_at"]
        if day is None:
            return None
        # If the approver chooses the requested day, keep the requested time of day. If the approver chooses another
        # day, the exception ends at the end of that day.
        return self.requested_end if day == self.requested_end.date() else end_of_day(day)
