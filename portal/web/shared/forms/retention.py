"""Define the form of retention periods, for a customer's settings and for an organization's default. Also show the
messages after the periods were saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from assessments.estate.quantities import in_days
from portal.retention.actions.policy import DEFAULT, KEEP
from portal.retention.kinds import DELAY_DAYS, MAX_DAYS
from portal.retention.models import OrganizationRetentionRule, RetentionRule
from portal.retention.selectors import Period
from portal.web.shared import stale_forms
from tenants.values.stale_values import LastChange

DAYS = "days"


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """The retention period of one kind of data, as the page shows it. `seen` is the choice with which the form was
    opened.
    """

    period: Period
    in_effect: str
    mode: forms.BoundField
    days: forms.BoundField
    seen: str


class RetentionForm(forms.Form):
    """A form with the retention period of each kind of data. The field `<kind>` is “default”, “keep” or “days”. The
    field `<kind>_days` is the number of days.

    `defaults` is {kind: meaning of “default” in words}. If `typed` is given, the form shows these choices instead of
    the stored choices. After validation, `wanted` returns the choices to save, and `expected` returns the choices that
    the person saw.
    """

    def __init__(
        self,
        *args: Any,
        periods: Sequence[Period],
        defaults: dict[str, str],
        typed: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.periods, self.defaults = periods, defaults
        for period in periods:
            kind = period.kind
            chosen = (typed or {}).get(kind.key, period.chosen)
            self.fields[kind.key] = forms.ChoiceField(
                label=f"Keep {kind.label.lower()}",
                choices=[
                    (DEFAULT, f"Default: {defaults[kind.key]}"),
                    (DAYS, "A number of days"),
                    (KEEP, "Without limit"),
                ],
                initial=chosen if chosen in (DEFAULT, KEEP) else DAYS,
            )
            self.fields[f"{kind.key}_days"] = forms.CharField(
                label=f"Days since {kind.age}",
                required=False,
                max_length=12,
                initial="" if chosen in (DEFAULT, KEEP) else chosen,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                help_text=f"At least {kind.minimum}",
            )
            self.fields[f"{kind.key}_seen"] = forms.CharField(
                required=False, max_length=20, initial=period.chosen, widget=forms.HiddenInput
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for period in self.periods:
            kind = period.kind
            text = str(data.get(f"{kind.key}_days") or "").strip()
            is_number = text.isascii() and text.isdigit() and kind.minimum <= int(text[:9]) <= MAX_DAYS
            if data.get(kind.key) == DAYS and not is_number:
                self.add_error(f"{kind.key}_days", f"Enter whole days from {kind.minimum} to {MAX_DAYS}.")
        return data

    def wanted(self) -> dict[str, str]:
        """Return {kind of data: number of days, “keep” or “default”}."""
        data = self.cleaned_data
        keys = [period.kind.key for period in self.periods]
        return {key: data[f"{key}_days"].strip() if data[key] == DAYS else data[key] for key in keys}

    def expected(self) -> dict[str, str]:
        """Return {kind of data: the choice with which the form was opened}."""
        return {
            period.kind.key: self.cleaned_data[f"{period.kind.key}_seen"] or DEFAULT
            for period in self.periods
        }

    @property
    def rows(self) -> list[PeriodRow]:
        """Return the form's fields, one row per kind of data."""
        return [
            PeriodRow(
                period=period,
                in_effect=days_label(period.days),
                mode=self[period.kind.key],
                days=self[f"{period.kind.key}_days"],
                seen=str(self[f"{period.kind.key}_seen"]),
            )
            for period in self.periods
        ]


def report_saved(request: HttpRequest, rules: Sequence[RetentionRule | OrganizationRetentionRule]) -> bool:
    """Show a message about the saved periods `rules`. Return whether one of the periods takes effect later."""
    is_later = any(rule.effective_at > timezone.now() for rule in rules)
    if is_later:
        messages.success(
            request,
            f"Periods saved. Shorter periods take effect in {DELAY_DAYS} days; administrators are notified.",
        )
    elif rules:
        messages.success(request, "Periods saved.")
    else:
        messages.info(request, "No changes to save.")
    return is_later


def retention_conflict(
    form: RetentionForm, now: Sequence[Period], last: LastChange | None
) -> stale_forms.Conflict:
    """Return the periods that somebody else saved in the meantime, and the same periods merged with the
    typed choices.

    `form` is the valid form that was not saved. `now` has the present periods.
    """
    labels = {period.kind.key: period.kind.label for period in now}
    present = {period.kind.key: period.chosen for period in now}

    def text(key: str, value: Any) -> str:
        if value == DEFAULT:
            return f"Default: {form.defaults[key]}"
        return (
            "without limit"
            if value == KEEP
            else days_label(int(value))
            if str(value).isdigit()
            else str(value)
        )

    return stale_forms.conflict(labels, form.expected(), present, form.wanted(), last, text)


def days_label(days: int | None) -> str:
    """Return a period in words. Long periods are also given in years."""
    if days is None:
        return "without limit"
    years = days / 365.25
    return f"{in_days(days)} (about {years:.0f} years)" if years >= 1.9 else in_days(days)
