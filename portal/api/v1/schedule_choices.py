"""The common part of the report schedules of customers and of organizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework import serializers

from assessments.frameworks.framework import NAMES
from portal.api.v1.shared import FOR_FRAMEWORK_KINDS, PersonSerializer
from portal.distribution.actions.schedules import MAX_NAME, Choices, Schedule
from portal.distribution.models import PORTFOLIO, ReportRun
from portal.distribution.recipients import MAX_ADDRESSES, MAX_PEOPLE, readers_of
from portal.distribution.timetable import EXAMPLES, parse
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.kinds import DEFAULT_KIND, KINDS
from portal.reports.models.report import DEFAULT_FRAMEWORK
from tenants.errors import invalid
from tenants.models import Language, Organization, Paper, Person, Tenant

RUN_STATES: Final = ReportRun.State.values
SCHEDULED_KINDS: Final = [*KINDS, PORTFOLIO]
_TIMETABLE: Final = f"A timetable such as {', '.join(f'`{text}`' for text in EXAMPLES)}"
_PEOPLE: Final = "The email addresses of recipients who have an account and may read the reports"
_ADDRESSES: Final = (
    "The email addresses of recipients without an account. Surety sends reports to an address only after an"
    " administrator has confirmed the address"
)


class ScheduleAddressSerializer(serializers.Serializer[Any]):
    """The address of a recipient without an account."""

    address = serializers.EmailField()
    is_confirmed = serializers.BooleanField(
        help_text="Whether an administrator has confirmed the address; in a schedule of the organization, for all its"
        " customers. Surety sends a report only to addresses that are confirmed for this report"
    )


class ScheduleRunSerializer(serializers.Serializer[Any]):
    """The last run of a schedule."""

    state = serializers.ChoiceField(RUN_STATES)
    due_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    report = serializers.IntegerField(
        source="report_number", allow_null=True, help_text="The number of the report that the run built"
    )
    error = serializers.CharField(
        allow_blank=True, help_text="Why the run failed, or why it waits for another attempt"
    )


class ScheduleChoicesSerializer(serializers.Serializer[Any]):
    """The report to build, its times and its recipients."""

    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    timetable = serializers.CharField()
    when = serializers.CharField(help_text="The timetable in words")
    kind = serializers.ChoiceField(SCHEDULED_KINDS)
    framework = serializers.CharField(allow_blank=True)
    classification = serializers.CharField()
    paper = serializers.CharField(
        allow_blank=True, help_text="The paper size; empty to use the paper size of the organization"
    )
    language = serializers.CharField(
        allow_blank=True, help_text="The language; empty to use the language of the organization"
    )
    without_names = serializers.BooleanField()
    people = PersonSerializer(many=True, help_text="Recipients with an account")
    addresses = ScheduleAddressSerializer(many=True)
    is_enabled = serializers.BooleanField(source="enabled")
    next_at = serializers.DateTimeField(
        allow_null=True, help_text="The time of the next run; null if no run is planned"
    )
    last_run = ScheduleRunSerializer(allow_null=True)


def _texts(max_length: int, text: str) -> serializers.ListField:
    child = serializers.EmailField(max_length=254)
    return serializers.ListField(child=child, required=False, max_length=max_length, help_text=text)


class ChangeScheduleSerializer(serializers.Serializer[Any]):
    """The new values. Fields that are left out do not change."""

    name = serializers.CharField(max_length=MAX_NAME, required=False)
    timetable = serializers.CharField(max_length=100, required=False, help_text=_TIMETABLE)
    kind = serializers.ChoiceField(list(KINDS), required=False)
    framework = serializers.ChoiceField(
        list(NAMES), required=False, help_text=f"{FOR_FRAMEWORK_KINDS}: the framework"
    )
    classification = serializers.CharField(max_length=MAX_CLASSIFICATION, required=False)
    paper = serializers.ChoiceField(Paper.values, required=False, allow_blank=True)
    language = serializers.ChoiceField(Language.values, required=False, allow_blank=True)
    without_names = serializers.BooleanField(
        required=False,
        help_text="Whether the reports contain ids instead of the names of people, groups, applications and roles",
    )
    people = _texts(MAX_PEOPLE, _PEOPLE)
    addresses = _texts(MAX_ADDRESSES, _ADDRESSES)


class AddScheduleSerializer(ChangeScheduleSerializer):
    """A new schedule. At least one recipient is required."""

    name = serializers.CharField(max_length=MAX_NAME)
    timetable = serializers.CharField(max_length=100, help_text=_TIMETABLE)


def shown_choices(
    row: Schedule, people: Mapping[UUID, Person], run: Any, waiting: list[str]
) -> dict[str, Any]:
    """Return the values of a schedule for `ScheduleChoicesSerializer`. `waiting` contains the email addresses of the
    schedule that nobody has confirmed yet.
    """
    names = (
        "pk", "name", "timetable", "kind", "framework", "classification", "paper", "language", "without_names",
        "enabled", "next_at",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "when": parse(row.timetable).label,
        "people": [people[pk] for pk in row.people if pk in people],
        "addresses": [
            {"address": one["address"], "is_confirmed": one["address"] not in waiting}
            for one in row.addresses
        ],
        "last_run": run,
    }


def people_of(rows: list[Any]) -> dict[UUID, Person]:
    """Return {id: person} of the recipients of schedules, with one query."""
    wanted = {pk for row in rows for pk in row.people}
    return {one.pk: one for one in Person.objects.filter(pk__in=wanted)}


def choices_of(place: Tenant | Organization, row: Schedule | None, given: Mapping[str, Any]) -> Choices:
    """Return the choices in the body of a request. If the body lacks a choice, take it from the schedule `row`. If
    `row` is None, because the schedule is new, take the default.
    """
    values = dict(given)
    kind = values.get("kind", row.kind if row else DEFAULT_KIND)
    if "people" in values:
        values["people"] = _people(place, row, kind, values["people"])
    return Choices(
        name=values.get("name", row.name if row else ""),
        timetable=values.get("timetable", row.timetable if row else ""),
        kind=kind,
        framework=values.get("framework", row.framework if row else DEFAULT_FRAMEWORK),
        paper=values.get("paper", row.paper if row else ""),
        language=values.get("language", row.language if row else ""),
        classification=values.get("classification", row.classification if row else "Confidential"),
        without_names=values.get("without_names", row.without_names if row else False),
        people=values.get("people", row.people if row else []),
        addresses=values.get("addresses", [one["address"] for one in row.addresses] if row else []),
        label=values.get("label", getattr(row, "label", "")),
    )


def _people(place: Tenant | Organization, row: Schedule | None, kind: str, emails: list[str]) -> list[UUID]:
    """Return the ids of the people with these email addresses. Raise InvalidInput if an address does not belong to a
    person who may read the reports. People who are already recipients of the schedule are accepted in any case.
    """
    wanted = {email.strip().lower() for email in emails}
    known = dict(readers_of(place, kind).filter(email__in=wanted).values_list("email", "pk"))
    if row is not None:
        known |= dict(Person.objects.filter(pk__in=row.people, email__in=wanted).values_list("email", "pk"))
    if unknown := sorted(wanted - known.keys()):
        raise invalid("people", f"No person with the address “{unknown[0]}” may read the reports.")
    return list(known.values())
