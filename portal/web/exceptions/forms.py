"""The forms by which exceptions are decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import seen_digest
from portal.web.components.form_parts import day_input, end_of, last_day

MOST_TEXT = 4000


class NoteForm(forms.Form):
    """A reason that has to be given."""

    def __init__(self, data: Any = None, *, prefix: str, label: str) -> None:
        super().__init__(data, prefix=prefix)
        self.fields["note"] = forms.CharField(
            label=label,
            max_length=MOST_TEXT,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": "Say why: who asked has to be able to understand it."},
        )


def _latest(exception: FindingException) -> datetime:
    """The last moment to which the policy of now lets it be approved, as `treatment.actions.exceptions` has it."""
    begins = max(timezone.now(), exception.starts_at)
    return begins + timedelta(days=exception.tenant.exception_cap_days)


class ApproveForm(forms.Form):
    """Approving as asked, or for fewer findings and a shorter time.

    `seen` is the digest of what the page showed of the findings, so that nothing is approved unseen.
    """

    note = forms.CharField(
        label="Note", max_length=MOST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, exception: FindingException, data: Any = None) -> None:
        super().__init__(data, initial={"seen": seen_digest(exception)})
        if exception.scope == FindingException.Scope.RULE:
            self.fields["maximum"] = forms.IntegerField(
                label="At most so many findings",
                min_value=1,
                initial=exception.maximum,
                help_text="It may grow to this number by itself; beyond it, it comes back to an approver.",
            )
        asked = self.asked = exception.ends_at.astimezone(UTC)
        latest = _latest(exception)
        hint = f"Leave it empty for what was asked: {asked:%Y-%m-%d}. It ends with that day (UTC)."
        if latest < asked:
            hint = (
                f"Asked for until {asked:%Y-%m-%d}; the policy allows {exception.tenant.exception_cap_days} days "
                f"by now: choose {last_day(latest):%Y-%m-%d} or earlier. It ends with that day (UTC)."
            )
        self.fields["ends_at"] = forms.DateField(
            label="End earlier, on",
            required=latest < asked,
            widget=day_input(max=f"{asked if latest >= asked else last_day(latest):%Y-%m-%d}"),
            help_text=hint,
            error_messages={
                "required": "Give a day: what was asked is longer than the policy allows by now."
            },
        )
        self.order_fields(["maximum", "ends_at", "note", "seen"])

    def anew(self, exception: FindingException, problem: str) -> ApproveForm:
        """The same as typed, for what is there now."""
        form = ApproveForm(exception, {**dict(self.data.items()), "seen": seen_digest(exception)})
        form.add_error(None, problem)
        return form

    def clean_ends_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["ends_at"]
        if day is None:
            return None
        # The day that was asked for is no later end, whatever the hour that was asked for.
        return self.asked if day == self.asked.date() else end_of(day)
