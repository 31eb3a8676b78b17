"""Add, change, pause and remove schedules of reports, and copy the schedules of an organization to its customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction

from assessments.frameworks.framework import NAMES
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule, ReportSchedule
from portal.distribution.recipients import (
    MAX_PEOPLE,
    check_people,
    merge_addresses,
    readers_by_customer,
    seen_digest,
    with_confirmed,
)
from portal.distribution.timetable import parse
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.kinds import KINDS
from tenants import journal
from tenants.actors import Actor
from tenants.errors import Conflict, invalid
from tenants.models import Language, Organization, Paper, Person, Tenant
from tenants.turns import take_turn
from tenants.values.names import clean_name
from tenants.values.stale_values import Part, check_unchanged
from tenants.values.visible_text import is_blank

type Schedule = ReportSchedule | OrganizationReportSchedule

MAX_SCHEDULES: Final = 50
MAX_NAME: Final = 100
_COPIED: Final = (
    "name", "timetable", "kind", "framework", "paper", "language", "classification", "without_names", "enabled",
    "made_by_id",
)  # fmt: skip


class Choices(TypedDict):
    """A person's choices for a schedule, as `portal.distribution.models.schedule` describes them.

    `label` and the kind `portfolio` are only for schedules of an organization. A schedule of portfolio reports is
    weekly or monthly, and uses neither `framework` nor `without_names`.
    """

    name: str
    timetable: str
    kind: str
    framework: str
    paper: str
    language: str
    classification: str
    without_names: bool
    people: Sequence[UUID]
    addresses: Sequence[str]
    label: str


@transaction.atomic
def add_schedule(*, place: Tenant | Organization, by: Actor, choices: Choices) -> Schedule:
    """Add a schedule of a customer, or of an organization. Raise InvalidInput for choices that do not exist."""
    row: Schedule
    take_turn(place)
    if isinstance(place, Tenant):
        row = ReportSchedule(tenant=place, organization_id=place.organization_id)
        others = ReportSchedule.objects.filter(tenant=place).count()
    else:
        row = OrganizationReportSchedule(organization=place)
        others = OrganizationReportSchedule.objects.filter(organization=place).count()
    if others >= MAX_SCHEDULES:
        raise Conflict(
            f"There are already {MAX_SCHEDULES} schedules, which is the maximum. Remove one of them first.",
            code="too_many",
        )
    row.made_by = by if isinstance(by, Person) else None
    _apply(row, place, choices, by)
    _save(row)
    _record(row, by, "report_schedule.added", schedule_values(row))
    return row


@transaction.atomic
def change_schedule(
    *, schedule: Schedule, by: Actor, choices: Choices, expected: Part | None = None
) -> Schedule:
    """Change a schedule. Raise InvalidInput for unknown choices, and Conflict for a copy of an organization's schedule.

    `expected` are the `schedule_values` that the person saw. Raise Conflict (changed_meanwhile) if the schedule has
    changed since then, unless it already has the new choices.
    """
    row = _locked(schedule)
    before = schedule_values(row)
    _apply(row, place_of(row), choices, by)
    after = schedule_values(row)
    check_unchanged(expected, before, after)
    if after != before:
        _save(row)
        changed = [key for key in after if after[key] != before[key]]
        details = {key: {"from": before[key], "to": after[key]} for key in changed}
        _record(row, by, "report_schedule.changed", {"name": row.name, **details})
    return row


@transaction.atomic
def set_schedule_enabled(*, schedule: Schedule, by: Actor, enabled: bool) -> Schedule:
    """Pause or resume a schedule. During the pause, neither the timetable nor an assessment creates a run. A run that
    is already waiting starts after the pause.
    """
    row = _locked(schedule)
    if row.enabled != enabled:
        row.enabled = enabled
        _save(row)
        action = "report_schedule.resumed" if enabled else "report_schedule.paused"
        _record(row, by, action, {"name": row.name})
    return row


@transaction.atomic
def remove_schedule(*, schedule: Schedule, by: Actor) -> None:
    """Remove a schedule. Its reports remain."""
    row = _locked(schedule)
    target, details = _target(row), schedule_values(row)
    place = place_of(row)
    row.delete()
    _record_at(place, by, "report_schedule.removed", target, details)


@transaction.atomic
def confirm_addresses(*, schedule: Schedule, by: Actor, seen: str) -> Schedule:
    """Confirm every unconfirmed email address of the schedule. A confirmation covers only the reports that the
    schedule builds now, not reports of another kind or about other customers.

    `seen` is the `seen_digest` of the schedule that the person was shown. Raise PermissionDenied if `by` is not an
    administrator. Raise Conflict (`changed_meanwhile`) if addresses, reports or customers have changed since then.
    """
    row = _locked(schedule)
    customers = _customer_ids(row)
    waiting = row.unconfirmed_for(customers or ())
    row.addresses = with_confirmed(place_of(row), row.addresses, by, waiting=waiting, customers=customers)
    if seen != seen_digest(row, customers or ()):
        raise Conflict(
            "The addresses, the report or its customers have changed since you opened the page. Check the addresses,"
            " the report and its customers, then confirm the addresses again.",
            code="changed_meanwhile",
        )
    if waiting:
        _save(row)
        _record(
            row,
            by,
            "report_schedule.addresses_confirmed",
            {"name": row.name, "addresses": ", ".join(waiting)},
        )
    return row


def sync_copies(origin: OrganizationReportSchedule) -> None:
    """Create, update and delete the copies of an organization's schedule: each customer to which the schedule applies
    has one copy. Needs the scope of the organization.

    Archived customers get no copy, and a schedule of portfolio reports has no copies. The copy of a customer names only
    the recipients who get this customer's reports. The other recipients may work for other customers, of which people
    who see the copy must not learn.
    """
    wanted = {} if origin.is_portfolio else {tenant.pk: tenant for tenant in customers_of(origin)}
    readers = readers_by_customer(origin.organization_id, origin.people)
    copies = ReportSchedule.objects.filter(origin=origin).select_for_update(of=("self",))
    present = {row.tenant_id: row for row in copies.order_by("pk")}
    for tenant_id, row in present.items():
        if tenant_id not in wanted:
            row.delete()
    for tenant_id in wanted:
        copy = present.get(tenant_id) or ReportSchedule(
            tenant_id=tenant_id, organization_id=origin.organization_id, origin=origin
        )
        values = {name: getattr(origin, name) for name in _COPIED}
        values["people"] = sorted(readers.get(tenant_id, set()) | readers.get(None, set()))
        values["addresses"] = origin.addresses_of(tenant_id)
        if copy._state.adding or any(getattr(copy, name) != value for name, value in values.items()):
            if copy.enabled != origin.enabled:
                copy.computed_for = ""
            for name, value in values.items():
                setattr(copy, name, value)
            copy.save()


def customers_of(origin: OrganizationReportSchedule) -> list[Tenant]:
    """Return the customers to which an organization's schedule applies, sorted by name.

    Needs the scope of the organization.
    """
    rows = Tenant.objects.filter(organization=origin.organization_id, archived_at=None).order_by("name", "pk")
    return [row for row in rows if applies_to(origin, row)]


def applies_to(origin: OrganizationReportSchedule, tenant: Tenant) -> bool:
    """Return whether an organization's schedule applies to this customer: the schedule has no label, or a label of the
    customer.

    The caller ensures that the customer belongs to the organization and is not archived.
    """
    label = origin.label.casefold()
    return not label or label in {word.casefold() for word in tenant.labels}


def _customer_ids(row: Schedule) -> list[UUID] | None:
    """Return the ids of the customers to which an organization's schedule applies. For a customer's schedule, return
    None.
    """
    return (
        [tenant.pk for tenant in customers_of(row)] if isinstance(row, OrganizationReportSchedule) else None
    )


def place_of(schedule: Schedule) -> Tenant | Organization:
    """Return the customer or organization of a schedule."""
    return schedule.tenant if isinstance(schedule, ReportSchedule) else schedule.organization


def schedule_values(row: Schedule) -> dict[str, Any]:
    """Return the choices of a schedule for the journal."""
    found = {
        "name": row.name,
        "timetable": row.timetable,
        "kind": row.kind,
        "framework": row.framework if needs_framework(row.kind) else "",
        "paper": row.paper,
        "language": row.language,
        "classification": row.classification,
        "without_names": row.without_names,
        "people": [str(pk) for pk in row.people],
        "addresses": [entry["address"] for entry in row.addresses],
    }
    return found | ({"label": row.label} if isinstance(row, OrganizationReportSchedule) else {})


def needs_framework(kind: str) -> bool:
    return kind != PORTFOLIO and "framework" in KINDS[kind].asks


def _apply(row: Schedule, place: Tenant | Organization, choices: Choices, by: Actor) -> None:
    name = clean_name(choices["name"], present=row.name)
    if len(name) > MAX_NAME:
        raise invalid("name", f"Enter a name of up to {MAX_NAME} characters.")
    try:
        table = parse(choices["timetable"])
    except ValueError as error:
        raise invalid("timetable", str(error)) from None
    kinds = [*KINDS] if isinstance(place, Tenant) else [*KINDS, PORTFOLIO]
    for field, value, known in (
        ("kind", choices["kind"], kinds),
        ("framework", choices["framework"], NAMES),
        ("paper", choices["paper"], {"": "", **dict(Paper.choices)}),
        ("language", choices["language"], {"": "", **dict(Language.choices)}),
    ):
        if value not in known:
            raise invalid(
                field, f"There is no {field} “{value}”. Use one of: {', '.join(filter(None, known))}."
            )
    is_portfolio = choices["kind"] == PORTFOLIO
    if is_portfolio and table.follows_assessments:
        raise invalid(
            "timetable",
            "A portfolio report covers many customers, so its schedule cannot depend on the assessments of one"
            " customer. Choose a weekly or monthly schedule.",
        )
    classification = " ".join(choices["classification"].split())
    if is_blank(classification) or len(classification) > MAX_CLASSIFICATION:
        raise invalid("classification", f"Enter a classification of 1 to {MAX_CLASSIFICATION} characters.")
    sent_before = _confirmed_report(row)
    row.name, row.timetable = name, str(table)
    row.kind, row.paper, row.language = choices["kind"], choices["paper"], choices["language"]
    if row._state.adding or needs_framework(row.kind):
        row.framework = choices["framework"]
    row.classification = classification
    row.without_names = choices["without_names"] and not is_portfolio
    # Check only new recipients: recipients who have lost their access may stay in the list, because they get nothing.
    # But if this change makes the schedule build portfolio reports, check all recipients: only people with a role in
    # the whole organization may read these reports.
    known_people = set() if is_portfolio and sent_before[0] != PORTFOLIO else set(row.people)
    check_people(place, set(choices["people"]) - known_people, choices["kind"])
    row.people = sorted(set(choices["people"]))
    if len(row.people) > MAX_PEOPLE:
        raise invalid("people", f"Choose at most {MAX_PEOPLE} people.")
    if isinstance(row, OrganizationReportSchedule):
        label = choices["label"]
        row.label = clean_name(label, field="label", present=row.label)[:100] if label.strip() else ""
    row.addresses = merge_addresses(
        place,
        choices["addresses"],
        row.addresses,
        by,
        customers=_customer_ids(row),
        reset=_confirmed_report(row) != sent_before,
    )
    if not row.people and not row.addresses:
        raise invalid("people", "Choose at least one recipient.")


def _confirmed_report(row: Schedule) -> tuple[object, ...]:
    """Return the properties of the report on which confirmations depend: if one of them changes, an administrator must
    confirm the email addresses again.
    """
    return row.kind, row.framework, row.without_names, getattr(row, "label", "")


def _save(row: Schedule) -> None:
    row.computed_for = ""  # makes the periodic task compute the next run
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "name" not in str(error):
            raise
        raise invalid("name", f"There is already a schedule “{row.name}”. Enter another name.") from None
    if isinstance(row, OrganizationReportSchedule):
        sync_copies(row)


def _locked(schedule: Schedule) -> Schedule:
    if isinstance(schedule, ReportSchedule):
        rows = ReportSchedule.objects.select_for_update(of=("self",)).select_related("tenant__organization")
        row: Schedule | None = rows.filter(pk=schedule.pk).first()
        if schedule.origin_id is not None:
            raise Conflict(
                "This schedule belongs to the organization. Change it on the page “Report schedules” of the"
                " organization.",
                code="schedule_of_organization",
            )
    else:
        of_all = OrganizationReportSchedule.objects.select_for_update(of=("self",))
        row = of_all.select_related("organization").filter(pk=schedule.pk).first()
    if row is None:
        raise Conflict(
            "Somebody else has removed this schedule. Open the list of schedules.", code="removed_meanwhile"
        )
    return row


def _target(row: Schedule) -> str:
    return f"reportschedule:{row.pk}"


def _record(row: Schedule, by: Actor, action: str, details: dict[str, Any]) -> None:
    _record_at(place_of(row), by, action, _target(row), details)


def _record_at(
    place: Tenant | Organization, by: Actor, action: str, target: str, details: dict[str, Any]
) -> None:
    if isinstance(place, Tenant):
        journal.record(tenant=place, actor=by, action=action, target=target, details=details)
    else:
        journal.record(organization=place, actor=by, action=action, target=target, details=details)
