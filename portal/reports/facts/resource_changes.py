"""The facts about a change of a resource, for the part of a report about changes of resources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext_noop

from assessments.estate.logs.activity import ActorKind
from assessments.presentation.actor_names import guid_of_actor
from portal.changes.facts import path_text
from portal.changes.models import ResourceChange, ReviewEvent
from portal.reports.facts.people import person_id_label, person_label
from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.source import ReportSource

MAX_VALUE: Final = 300
"""The maximum number of characters of a value in a report. The history of the resource shows the whole value."""
_IDENTIFYING: Final = frozenset(
    {"etag", "id", "name", "provisioningState", "resourceGuid", "systemData", "type"}
)
ATTRIBUTIONS: Final[Mapping[str, str]] = {
    "one": gettext_noop("One actor"),
    "several": gettext_noop("Several possible actors"),
    "not_named": gettext_noop("Azure does not say who"),
    "no_operation": gettext_noop("No operation in the activity log"),
    "incomplete": gettext_noop("Activity log not read completely"),
    "not_final": gettext_noop("No operation in the activity log yet"),
}
"""{key that says how certainly the author of a change is known: its label}."""
MOST_SEVERE_FIRST: Final = Case(
    *(When(worsened=severity, then=Value(rank)) for rank, severity in enumerate(SEVERITIES)),
    default=Value(len(SEVERITIES)),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class PropertyChangeFact:
    """A changed property. Its values are JSON, of which at most 300 characters are included.

    `change` is added, removed or changed. `before` is empty for an added property, and `after` is empty for a removed
    property. `label` is the path, with each id shortened to its last part. `summary` lists the values of an added or
    removed object that are not objects themselves (see `_summary`). Otherwise, it is empty.
    """

    path: str
    label: str
    summary: str
    change: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class OperationFact:
    """An operation of the activity log that may have made a change.

    `target` is the part of the operation's resource id that follows the id of the changed resource. It is empty if the
    operation was on the changed resource itself. `address` is the IP address of the request. It is empty if the log
    does not state the address, or if the report leaves out names.
    """

    at: datetime
    operation: str
    actor: str
    actor_kind: str
    target: str
    address: str
    correlation: str


@dataclass(frozen=True, slots=True)
class MovedVerdictFact:
    """A verdict that changed together with its resource.

    `before` is empty if the verdict is new.
    """

    finding: str
    control: str
    severity: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ResourceChangeFact:
    """A change of a resource with its possible actors, its changed verdicts and its review.

    The resource was created, changed or deleted, or an operation in the activity log left no trace in the resource.

    - The change happened after `since` and was found at `at`.
    - `properties`: the first changed properties; `property_count`: the number of all changed properties
    - `attribution`: a key of ATTRIBUTIONS; `actors`: all who may have made the change; `gap`: why the activity log may
      lack operations on the resource, so that `actors` may be incomplete
    - `review`: the state of the review at the report's `treated_at`; `rules`: the watch rules that caught the change;
      both are empty if no rule caught it
    - `approved_at`: when the configuration of the resource was approved; `approved_differences`: the first differences
      from that configuration. Both are set only if the change deleted the resource, or left it different from the
      approved configuration
    """

    change: str
    kind: str
    since: datetime | None
    at: datetime
    assessment: int | None
    resource: str
    resource_name: str
    resource_type: str
    resource_group: str
    unit: str
    unit_name: str
    properties: tuple[PropertyChangeFact, ...]
    property_count: int
    attribution: str
    actors: tuple[str, ...]
    operations: tuple[OperationFact, ...]
    gap: str
    verdicts: tuple[MovedVerdictFact, ...]
    rules: tuple[str, ...]
    severity: str
    review: str
    reviewed_by: str
    reviewed_at: datetime | None
    review_reason: str
    ticket: str
    planned_change: str
    owner: str
    due_at: datetime | None
    approved_at: datetime | None
    approved_differences: tuple[PropertyChangeFact, ...]


def change_fact(row: ResourceChange, source: ReportSource) -> ResourceChangeFact:
    """Return the facts that the report states about a change. A report without names states ids of people and
    applications instead of their names.
    """
    operations = tuple(_operation(one, source) for one in row.candidates)
    return ResourceChangeFact(
        change=str(row.pk),
        kind=row.kind,
        since=row.since,
        at=row.at,
        assessment=row.assessment,
        resource=row.azure_id,
        resource_name=row.name,
        resource_type=row.type,
        resource_group=row.resource_group,
        unit=row.unit,
        unit_name=source.names.place(row.unit) or row.unit,
        properties=tuple(map(_property, row.differences)),
        property_count=row.difference_count,
        attribution=_attribution(row),
        actors=tuple(dict.fromkeys(one.actor for one in operations)),
        operations=operations,
        gap=row.gap,
        verdicts=tuple(
            MovedVerdictFact(**{name: str(one[name]) for name in _VERDICT}) for one in row.verdicts
        ),
        rules=tuple(row.rules),
        severity=row.severity,
        **_review(row, source),
        approved_at=row.approval.approved_at if row.approval else None,
        approved_differences=tuple(map(_property, row.approved_differences)),
    )


_DECISIONS: Final[Mapping[str, str]] = {
    ReviewEvent.Kind.CAUGHT: ResourceChange.State.WAITING,
    ReviewEvent.Kind.PLANNED: ResourceChange.State.EXPECTED,
    ReviewEvent.Kind.EXPECTED: ResourceChange.State.EXPECTED,
    ReviewEvent.Kind.UNEXPECTED: ResourceChange.State.UNEXPECTED,
    ReviewEvent.Kind.ROLLED_BACK: ResourceChange.State.ROLLED_BACK,
}
"""{kind of an event in the timeline of a change: state of the review after this event}."""


# The text of an event in the timeline (`portal.changes.actions.review`) has the reason and, on lines of their own, the
# ticket and the owner. The report leaves out the owner, because the line contains a person's name and no id.
_SAID: Final = re.compile(
    r"(?P<reason>.*?)(?:(?:^|\n)Ticket (?P<ticket>[^\n]+))?(?:(?:^|\n)Owner [^\n]+, due on \d{4}-\d{2}-\d{2})?",
    re.DOTALL,
)


def _review(row: ResourceChange, source: ReportSource) -> dict[str, Any]:
    """Return the fields about the review of a change. They describe the review as it was at the time of the report.

    If the change was reviewed after that time, the last review before that time is read from the timeline. If there was
    none, the change was still waiting for a review.
    """
    label = person_id_label if source.report.without_names else person_label
    decisions = [event for event in row.events.all() if event.kind in _DECISIONS] if source.historic else []
    is_later = row.reviewed_at is not None and row.reviewed_at > source.treatment.at
    if not is_later and not any(event.at > source.treatment.at for event in decisions):
        # `row.owner` is the owner now. If the change was handed over after the time of the report, the owner at that
        # time is known only from the text of the event. The text has the name of this owner, but not the id, which
        # reports without names need. So the report names no owner.
        is_handed_over = source.historic and any(
            event.kind == ReviewEvent.Kind.ASSIGNED and event.at > source.treatment.at
            for event in row.events.all()
        )
        return {
            "review": row.state,
            "reviewed_by": label(row.reviewed_by),
            "reviewed_at": row.reviewed_at,
            "review_reason": row.reason,
            "ticket": row.ticket,
            "planned_change": row.plan.name if row.plan else "",
            "owner": "" if is_handed_over else label(row.owner),
            "due_at": row.due_at,
        }
    last = max(
        (event for event in decisions if event.at <= source.treatment.at),
        key=lambda event: event.at,
        default=None,
    )
    is_reviewed = last is not None and last.kind != ReviewEvent.Kind.CAUGHT
    is_planned = last is not None and last.kind == ReviewEvent.Kind.PLANNED
    said = _SAID.fullmatch(last.text) if last and is_reviewed and not is_planned else None
    return {
        "review": str(_DECISIONS[last.kind] if last else ResourceChange.State.WAITING),
        "reviewed_by": label(last.by) if last and is_reviewed else "",
        "reviewed_at": last.at if last and is_reviewed else None,
        "review_reason": said["reason"] if said else "",
        "ticket": (said["ticket"] or "") if said else "",
        "planned_change": last.text if last and is_planned else "",
        "owner": "",
        "due_at": None,
    }


_NAMELESS: Final = gettext_noop("A person whose id the log does not contain")
_VERDICT: Final = ("finding", "control", "severity", "before", "after")


def _attribution(row: ResourceChange) -> str:
    """Return the key of ATTRIBUTIONS that says how certain it is who made the change, according to the activity log.

    If the log was not read completely, other actors may have made the change, so the key is "incomplete".
    """
    if row.gap and (row.candidates or row.gap_kind != ResourceChange.GapKind.NO_OPERATION):
        return "incomplete"
    if not row.candidates:
        return "no_operation" if row.is_attributed else "not_final"
    actors = {(one["kind"], one["actor"]) for one in row.candidates}
    if len(actors) > 1:
        return "several"
    return "one" if any(actor for _, actor in actors) else "not_named"


def _property(row: Mapping[str, Any]) -> PropertyChangeFact:
    return PropertyChangeFact(
        path=".".join(map(str, row["path"])),
        label=path_text(row["path"]),
        summary=_summary(row["now"] if "now" in row else row["before"])
        if ("before" in row) != ("now" in row)
        else "",
        change="added" if "before" not in row else "removed" if "now" not in row else "changed",
        before=_value(row["before"]) if "before" in row else "",
        after=_value(row["now"]) if "now" in row else "",
    )


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} …"


def _summary(value: Any) -> str:
    """Return the simple values of an object with their names, such as `access Allow; priority 100`. The text is cut
    after 300 characters.

    Objects, lists of objects, empty values, and identifying values such as the id are left out. If nothing remains,
    return the names of the properties.
    """
    if not isinstance(value, Mapping):
        return ""
    inner = value.get("properties")
    found = inner if isinstance(inner, Mapping) else value
    simple = [
        f"{name} {_words(one)}"
        for name, one in sorted(found.items())
        if name not in _IDENTIFYING and one not in ("", None, [], {}) and not _has_objects(one)
    ]
    text = "; ".join(simple or sorted(found))
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} …"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return value if isinstance(value, str) else json.dumps(value)


def _has_objects(value: Any) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value)
    )


def _operation(one: Mapping[str, Any], source: ReportSource) -> OperationFact:
    return OperationFact(
        at=datetime.fromisoformat(one["at"]),
        operation=one["operation"],
        actor=_actor(one, source),
        actor_kind=one["kind"],
        target=one["target"],
        address="" if source.report.without_names else one["address"],
        correlation=one["correlation"],
    )


def _actor(one: Mapping[str, Any], source: ReportSource) -> str:
    """Return who carried out the operation: name and id or, in a report without names, the id if the log has one."""
    if not one["actor"]:
        return "Azure does not say who"
    if one["kind"] == ActorKind.AZURE:
        return f"Azure itself ({one['actor']})"
    guid = guid_of_actor(one["kind"], one["actor"], one["name"], one["object"])
    if source.report.without_names:
        application = guid or (one["actor"] if one["kind"] == ActorKind.APPLICATION else "")
        return one["object"] or application or _NAMELESS
    name = source.names.get(guid) if guid else None
    if name is not None and name.label:
        return f"{name.label} ({guid})"
    return f"{one['name']} ({one['actor']})" if one["name"] else str(one["actor"])
