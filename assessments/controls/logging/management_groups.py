"""Diagnostic settings of the management groups above a subscription."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.logging import MANAGEMENT_GROUP_LOG_SETTINGS, MANAGEMENT_GROUPS
from assessments.estate.governance.management_groups import exported_by_group
from assessments.estate.ids import fold
from assessments.estate.logs.log_sinks import Destination, destinations, unknown_group
from assessments.estate.view import Unreadable


@dataclass(slots=True)
class ExportingGroups:
    """The management groups that export events of the subscription, and the first read error.

    `exported` contains, by the name of the group and then by the name of the diagnostic setting, the destinations of
    the setting. `categories` are the exported categories of logs, in lower case.
    """

    exported: dict[str, dict[str, list[Destination]]] = field(default_factory=dict)
    categories: set[str] = field(default_factory=set)
    error: CollectionUnavailable | Unreadable | None = None

    def destinations(self) -> list[Destination]:
        """Return the destinations of all settings, each once."""
        found = {
            (one.kind, fold(one.id)): one
            for settings in self.exported.values()
            for each in settings.values()
            for one in each
        }
        return [found[key] for key in sorted(found)]

    def observed(self) -> dict[str, dict[str, list[str]]]:
        """Return `exported` as JSON for the observed value, with only the kind of each destination."""
        return {
            group: {name: [one.kind for one in found] for name, found in sorted(settings.items())}
            for group, settings in sorted(self.exported.items())
        }

    def remarks(self) -> list[str]:
        """For each group, return a remark about the events that the export of the group may lack."""
        return [
            f"Management group {group} exports events of the subscription, but some events can be missing, because"
            " not every resource provider reports its events to management groups"
            for group in sorted(self.exported)
        ]


def exporting_groups(ctx: Context) -> ExportingGroups:
    """Return which of the management groups above the subscription export events of the subscription."""
    found = ExportingGroups()
    groups, gaps = ctx.partial(MANAGEMENT_GROUPS)
    if gaps:
        found.error = CollectionUnavailable(gaps[0])
    for group in groups:
        settings, gap = ctx.partial_at(MANAGEMENT_GROUP_LOG_SETTINGS, group.name)
        if gap is not None:
            found.error = found.error or CollectionUnavailable(gap)
        for setting in settings:
            try:
                categories, where = exported_by_group(setting), destinations(setting)
            except Unreadable as error:
                found.error = found.error or error
                continue
            if where:
                found.error = found.error or unknown_group(setting)
            if categories and where:
                found.categories |= categories
                found.exported.setdefault(group.name, {})[setting.name] = where
    return found
