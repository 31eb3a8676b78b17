"""Define the form of a schedule of reports, for a customer or an organization."""

from __future__ import annotations

import datetime
from typing import Any, Final
from uuid import UUID

from django import forms

from assessments.frameworks.framework import NAMES as FRAMEWORKS
from assessments.timing.timetable import MAX_WINDOW, NAMES, parse_time
from portal.distribution.actions.schedules import (
    MAX_NAME,
    Choices,
    Schedule,
    needs_framework,
    schedule_values,
)
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule
from portal.distribution.recipients import MAX_ADDRESSES, readers
from portal.distribution.timetable import DEFAULT_TIME, DEFAULT_WINDOW, Frequency, ReportTimetable, parse
from portal.portfolio_reports.models import PortfolioReport
from portal.queries.audit_room import DEFAULT_DAYS
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models.report import DEFAULT_FRAMEWORK
from portal.web.components.form_parts import offer_stored, set_choices
from portal.web.reports.forms import CLASSIFICATIONS
from tenants.models import Language, Organization, Paper, Tenant
from tenants.values.stale_values import Part

_FREQUENCIES: Final = (
    (Frequency.WEEKLY, "Weekly"),
    (Frequency.MONTHLY, "Monthly"),
    (Frequency.AFTER_ASSESSMENT, "After each complete assessment"),
)
_WITH_FRAMEWORK: Final = ", ".join(kind.name for key, kind in KINDS.items() if needs_framework(key))
# The form explains over which period a report lists changes. The period depends only on the kind of the report, and not
# on the frequency of the schedule.
_CHANGES: Final = (
    "A change report always compares the newest complete assessment with the complete assessment before it, however"
    f" often the report is built. The audit report over a period lists the changes of {DEFAULT_DAYS} days."
)


class ReportScheduleForm(forms.Form):
    """A form with the report to build, and the times and recipients of the schedule. `place` is the customer or
    organization of the schedule.
    """

    name = forms.CharField(max_length=MAX_NAME, help_text="For example: Monthly report to management")
    label = forms.ChoiceField(
        label="Customers",
        required=False,
        help_text="New customers with this label are included automatically.",
    )
    kind = forms.ChoiceField(choices=[(key, kind.name) for key, kind in KINDS.items()], help_text=_CHANGES)
    framework = forms.ChoiceField(
        choices=list(FRAMEWORKS.items()),
        help_text=f"The framework whose requirements the report lists. Only for: {_WITH_FRAMEWORK}.",
    )
    frequency = forms.ChoiceField(label="How often", choices=_FREQUENCIES)
    weekday = forms.ChoiceField(
        choices=list(enumerate(NAMES)), required=False, help_text="Only for weekly reports."
    )
    day = forms.ChoiceField(
        label="Day of the month",
        choices=[(0, "Last working day"), *((day, str(day)) for day in range(1, 32))],
        required=False,
        help_text="Only for monthly reports. In a month without this day, the report is built on the last day.",
    )
    time = forms.CharField(
        max_length=5, required=False, help_text="The local time in the customer’s time zone, such as 06:00."
    )
    window = forms.IntegerField(
        label="Window in minutes",
        min_value=0,
        max_value=MAX_WINDOW,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="If reports of several customers are due at the same time, Surety starts to build them at different"
        " times within this number of minutes.",
    )
    people = forms.MultipleChoiceField(
        label="Recipients with an account",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each person gets only the reports that this person may read.",
    )
    addresses = forms.CharField(
        label="Other addresses",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=(
            f"Enter one address per line, at most {MAX_ADDRESSES} addresses. Surety sends reports to an address only"
            " after an administrator has confirmed the address."
        ),
    )
    classification = forms.ChoiceField(choices=[(word, word) for word in CLASSIFICATIONS])
    paper = forms.ChoiceField(choices=[("", "Paper of the organization"), *Paper.choices], required=False)
    language = forms.ChoiceField(
        choices=[("", "Language of the organization"), *Language.choices],
        required=False,
        help_text="Language of the pages. Attachments are always in English.",
    )
    without_names = forms.BooleanField(
        label="Leave out names",
        required=False,
        help_text="Show ids instead of the names of people, groups, applications and roles.",
    )

    def __init__(
        self,
        place: Tenant | Organization,
        data: Any = None,
        schedule: Schedule | None = None,
        *,
        part: Part | None = None,
    ) -> None:
        """Prefill the form with `part`. If `part` is None, prefill the form with the values of `schedule`.

        `part` has the same keys as the dict that `actions.schedules.schedule_values` returns.
        """
        super().__init__(data, initial=_initial(part or (schedule_values(schedule) if schedule else None)))
        people = {person.pk: f"{person.get_full_name()} <{person.email}>" for person in readers(place)}
        for pk in schedule.people if schedule else []:
            people.setdefault(pk, "A person who may no longer read the reports")
        self.offered = [(str(pk), label) for pk, label in people.items()]
        set_choices(self, "people", self.offered)
        # The stored classification can be any text, because the API, files and commands accept any text. So also offer
        # the stored text.
        offer_stored(self, "classification")
        if isinstance(place, Tenant):
            del self.fields["label"]
        else:
            self._offer_portfolio()
            rows = Tenant.objects.filter(organization=place, archived_at=None).values_list(
                "labels", flat=True
            )
            labels = {word for words in rows for word in words}
            if isinstance(schedule, OrganizationReportSchedule) and schedule.label:
                labels.add(schedule.label)
            set_choices(self, "label", [("", "All customers"), *((word, word) for word in sorted(labels))])

    def _offer_portfolio(self) -> None:
        kinds = [(key, kind.name) for key, kind in KINDS.items()]
        set_choices(self, "kind", [*kinds, (PORTFOLIO, f"{PortfolioReport.kind_name} on all customers")])
        for name, text in (
            (
                "kind",
                (
                    f"{_CHANGES} A portfolio report covers all customers of the schedule. Recipients of a portfolio"
                    " report need a role in the whole organization."
                ),
            ),
            ("frequency", "Portfolio reports are weekly or monthly."),
            (
                "time",
                (
                    "The local time in the customer’s time zone, such as 06:00. Portfolio reports use the"
                    " organization’s time zone."
                ),
            ),
        ):
            self.fields[name].help_text = text

    def clean_time(self) -> datetime.time:
        try:
            return parse_time(self.cleaned_data["time"]) if self.cleaned_data["time"] else DEFAULT_TIME
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def choices(self) -> Choices:
        """Return the values of a valid form. The actions that add and change a schedule take them as `choices`."""
        data = self.cleaned_data
        frequency = Frequency(data["frequency"])
        day = int((data["weekday"] if frequency == Frequency.WEEKLY else data["day"]) or 0)
        window = DEFAULT_WINDOW if data["window"] is None else data["window"]
        return {
            "name": data["name"],
            "timetable": str(ReportTimetable(frequency, day, data["time"], window)),
            "kind": data["kind"],
            "framework": data["framework"],
            "paper": data["paper"],
            "language": data["language"],
            "classification": data["classification"],
            "without_names": data["without_names"],
            "people": [UUID(pk) for pk in data["people"]],
            "addresses": data["addresses"].splitlines(),
            "label": data.get("label", ""),
        }

    def part(self, before: Part) -> Part:
        """Return the values of a valid form, with the keys of `actions.schedules.schedule_values`."""
        found = self.choices()
        asks = needs_framework(found["kind"])
        addresses = {text.strip().lower() for text in found["addresses"]} - {""}
        part = {
            **found,
            "framework": found["framework"] if asks else "",
            "people": sorted(map(str, found["people"])),
            "addresses": sorted(addresses),
        }
        return {name: value for name, value in part.items() if name in before}


def _initial(part: Part | None) -> dict[str, Any]:
    if part is None:
        return {
            "kind": DEFAULT_KIND,
            "framework": DEFAULT_FRAMEWORK,
            "frequency": Frequency.MONTHLY,
            "day": 1,
            "time": f"{DEFAULT_TIME:%H:%M}",
            "window": DEFAULT_WINDOW,
        }
    table = parse(part["timetable"])
    return {
        **part,
        "framework": part["framework"] or DEFAULT_FRAMEWORK,
        "frequency": table.frequency,
        "weekday": table.day if table.frequency == Frequency.WEEKLY else 0,
        "day": table.day if table.frequency == Frequency.MONTHLY else 1,
        "time": f"{table.at:%H:%M}",
        "window": table.window,
        "addresses": "\n".join(part["addresses"]),
    }
