"""Compare the report schedules of a file with the present schedules of a customer or of the organization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from portal.configuration.steps import Draft, Kind
from portal.configuration.yaml_text import Path
from portal.distribution.actions.schedules import (
    Choices,
    Schedule,
    add_schedule,
    change_schedule,
    needs_framework,
    remove_schedule,
    set_schedule_enabled,
)
from portal.distribution.models import PORTFOLIO, OrganizationReportSchedule
from portal.distribution.recipients import readers_of
from portal.distribution.timetable import parse
from portal.reports.kinds import DEFAULT_KIND
from portal.reports.models.report import DEFAULT_FRAMEWORK
from tenants.actors import Actor
from tenants.models import Organization, Tenant

_WORDS = {"when": "when", "without_names": "without names"}


def report_schedule_data(row: Schedule, emails: Mapping[UUID, str]) -> dict[str, Any]:
    """Return a report schedule as a file contains it. `emails` maps the ids of recipients with an account to email
    addresses.
    """
    people = [emails[pk] for pk in row.people if pk in emails]
    found: dict[str, Any] = {"name": row.name, "when": row.timetable, "kind": row.kind}
    if needs_framework(row.kind):
        found["framework"] = row.framework
    if row.paper:
        found["paper"] = row.paper
    if row.language:
        found["language"] = row.language
    found["classification"] = row.classification
    found["without_names"] = row.without_names
    found["recipients"] = sorted({*people, *(entry["address"] for entry in row.addresses)})
    found["enabled"] = row.enabled
    if isinstance(row, OrganizationReportSchedule) and row.label:
        found["label"] = row.label
    return found


def plan_report_schedules(
    draft: Draft,
    schedules: Sequence[Schedule],
    emails: Mapping[UUID, str],
    place: Tenant | Organization,
    entries: Sequence[Mapping[str, Any]],
    path: Path,
) -> None:
    """Plan steps that make the report schedules of a customer or organization (`place`) equal to those in the file.

    Schedules that the file does not list are removed. `schedules` are the stored schedules. `emails` maps
    the ids of recipients with an account to email addresses.
    """
    stored = {row.name: row for row in schedules}
    named = draft.named(entries, path, "report schedule", "Rename one of the two schedules.")
    wanted: list[tuple[Path, dict[str, Any]]] = []
    for name, (here, entry) in named.items():
        with draft.refusals((*here, "when")):
            wanted.append((here, _complete(entry, name)))
    # Schedules are removed first, so that a customer or organization with the maximum number of schedules can
    # replace some.
    for name, row in stored.items():
        if name not in named:
            text = f"Report schedule “{name}”: removes the schedule. Its reports remain."
            draft.add(place.name, path, Kind.REMOVE, text, partial(_remove, row), rows=(row,))
    for here, data in wanted:
        if (found := stored.get(data["name"])) is not None:
            _compare(draft, emails, place, found, data, here)
        else:
            text = f"Report schedule “{data['name']}”: {_described(data)}"
            entries_written = 1 if data["enabled"] else 2
            run = partial(_add, place, data)
            draft.add(place.name, here, Kind.ADD, text, run, entries=entries_written)


def _compare(
    draft: Draft,
    emails: Mapping[UUID, str],
    place: Tenant | Organization,
    row: Schedule,
    data: dict[str, Any],
    path: Path,
) -> None:
    before = _complete(report_schedule_data(row, emails), row.name)
    if changed := [key for key in data if key != "enabled" and data[key] != before[key]]:
        parts = [f"{_WORDS.get(key, key)} {_shown(before[key])} → {_shown(data[key])}" for key in changed]
        text = f"Report schedule “{row.name}”: {'; '.join(parts)}"
        run = partial(_change, place, row, data, emails)
        draft.add(place.name, path, Kind.CHANGE, text, run, rows=(row,))
    if data["enabled"] != row.enabled:
        text = f"Report schedule “{row.name}”: {'resumes' if data['enabled'] else 'pauses'} it"
        draft.add(place.name, path, Kind.CHANGE, text, partial(_switch, row, data["enabled"]), rows=(row,))


def _complete(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an entry of the file with a value for every key. The framework is ignored if reports of this kind do not
    depend on a framework. Raise ValueError if the timetable (`when`) is invalid.
    """
    kind = entry.get("kind", DEFAULT_KIND)
    framework = entry.get("framework", DEFAULT_FRAMEWORK)
    return {
        "name": name,
        "when": str(parse(entry["when"])),
        "kind": kind,
        "framework": framework if needs_framework(kind) else DEFAULT_FRAMEWORK,
        "paper": entry.get("paper", ""),
        "language": entry.get("language", ""),
        "classification": " ".join(entry.get("classification", "Confidential").split()),
        "without_names": entry.get("without_names", False) and entry.get("kind") != PORTFOLIO,
        "recipients": sorted({address.strip().lower() for address in entry["recipients"]}),
        "enabled": entry.get("enabled", True),
        "label": " ".join(entry.get("label", "").split()),
    }


def _choices(place: Tenant | Organization, data: dict[str, Any], known: Mapping[str, UUID]) -> Choices:
    """Return an entry as the choices that the actions on schedules take.

    Recipients who may read reports become `people`, all others `addresses`.
    """
    wanted = set(data["recipients"])
    people = {email: pk for email, pk in known.items() if email in wanted}
    rows = readers_of(place, data["kind"]).filter(email__in=list(wanted))
    people |= {person.email.lower(): person.pk for person in rows}
    return {
        "name": data["name"],
        "timetable": data["when"],
        "kind": data["kind"],
        "framework": data["framework"],
        "paper": data["paper"],
        "language": data["language"],
        "classification": data["classification"],
        "without_names": data["without_names"],
        "people": list(people.values()),
        "addresses": sorted(wanted - people.keys()),
        "label": data["label"],
    }


def _add(place: Tenant | Organization, data: dict[str, Any], by: Actor) -> None:
    row = add_schedule(place=place, by=by, choices=_choices(place, data, {}))
    if not data["enabled"]:
        set_schedule_enabled(schedule=row, by=by, enabled=False)


def _change(
    place: Tenant | Organization, row: Schedule, data: dict[str, Any], emails: Mapping[UUID, str], by: Actor
) -> None:
    known = {emails[pk]: pk for pk in row.people if pk in emails}
    change_schedule(schedule=row, by=by, choices=_choices(place, data, known))


def _switch(row: Schedule, enabled: bool, by: Actor) -> None:
    set_schedule_enabled(schedule=row, by=by, enabled=enabled)


def _remove(row: Schedule, by: Actor) -> None:
    remove_schedule(schedule=row, by=by)


def _described(data: dict[str, Any]) -> str:
    parts = [
        data["kind"],
        data["framework"] if needs_framework(data["kind"]) else "",
        data["when"],
        f"to {', '.join(data['recipients'])}",
        f"customers with label {data['label']}" if data["label"] else "",
        data["classification"],
        f"language {data['language']}" if data["language"] else "",
        f"paper {data['paper']}" if data["paper"] else "",
        "without names" if data["without_names"] else "",
        "" if data["enabled"] else "paused",
    ]
    return ", ".join(filter(None, parts))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or "none"
