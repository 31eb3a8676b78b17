"""Judge the recorded data of a unit again, without a database, network or sandbox. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assessments.controls.declare import Control
from assessments.estate.collections import ALL
from assessments.estate.estate import Estate, UnitKind
from assessments.estate.gaps import Gap, Reason
from assessments.evaluate import Result, controls_for, evaluate, invalid_settings
from assessments.export.lines import Content, body_of
from assessments.own.control import controls_under


@dataclass(frozen=True, slots=True)
class RecordedUnit:
    """All data on which the verdicts of a unit depend, except evidence and controls.

    `answers` comes from `Manifest.content`, `gaps` from `Unit.gaps`. `now` is the time at which the unit was read.
    `cloud` is a name of `tenants.cloud_table.CLOUDS`. `parameters` are overrides, {control: {name: value}}. `judged_at`
    is {control: time that counted as the current time} for the controls that did not take `now` as the current time.
    """

    kind: UnitKind
    unit_id: str
    directory_id: str
    cloud: str
    now: datetime
    subscriptions: tuple[str, ...]
    answers: Mapping[str, Any]
    gaps: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Mapping[str, Any]]
    judged_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def scope_id(self) -> str:
        """The scope id of the unit, as in `Unit.scope_id`: `/subscriptions/<guid>` or `directory:<guid>`."""
        prefix = "directory:" if self.kind is UnitKind.DIRECTORY else "/subscriptions/"
        return f"{prefix}{self.unit_id}"


@dataclass(frozen=True, slots=True)
class RecordedContent:
    """The evidence that units refer to. `content` is {hash of a piece of evidence: its content}. `api_versions` is
    {hash: api-version with which the piece was read}, for the pieces whose api-version is known.
    """

    content: Content
    api_versions: Mapping[str, str]


class UnknownCollection(LookupError):
    """The unit has data of a collection that this version of Surety does not read."""


def estate_of_unit(unit: RecordedUnit, evidence: RecordedContent) -> Estate:
    """Return the estate that the assessment judged. Raise UnknownCollection if this version does not read a
    collection of the unit, and KeyError if a piece of evidence is missing.
    """
    estate = Estate(
        kind=unit.kind,
        unit_id=unit.unit_id,
        subscriptions=unit.subscriptions,
        now=unit.now,
        cloud=unit.cloud,
    )
    estate.directory_id = unit.directory_id
    for name, scopes in unit.answers.items():
        if name not in ALL:
            raise UnknownCollection(name)
        for scope, rows in scopes.items():
            estate.add_documents(name, scope, ())
            for identifier, hashes in rows:
                body = body_of(ALL[name], identifier, hashes, evidence.content)
                version = next(
                    (evidence.api_versions[sha] for sha in hashes if sha in evidence.api_versions), ""
                )
                estate.add_documents(name, scope, [body], api_version=version)
    for gap in unit.gaps:
        if gap["collection"] not in ALL:
            raise UnknownCollection(gap["collection"])
        estate.add_gap(Gap(**{**gap, "reason": Reason(gap["reason"])}))
    return estate


def judged_again(
    unit: RecordedUnit, evidence: RecordedContent, controls: Iterable[Control]
) -> Iterator[Result]:
    """Judge the recorded data of a unit as its assessment did, and yield the results."""
    estate = estate_of_unit(unit, evidence)
    selected = controls_for(unit.kind, controls_under(unit.parameters, controls))
    invalid = list(invalid_settings(estate.scope_id, selected, unit.parameters))
    yield from invalid
    skipped = {result.control.slug for result in invalid}
    by_time: dict[datetime, list[Control]] = defaultdict(list)
    for control in selected:
        if control.slug not in skipped:
            by_time[unit.judged_at.get(control.slug, unit.now)].append(control)
    for at, judged in by_time.items():
        estate.now = at
        yield from evaluate(estate, judged, unit.parameters)
