"""The coverage ledger of a unit counts the data that should be read, the data that was read, and the results of each
control. For unknown results, the ledger also has the reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.verdict import Outcome
from assessments.estate.collections import ALL
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.estate import Estate
from assessments.estate.gaps import Gap, Reason
from assessments.estate.retired import missing_features
from assessments.evaluate import Result

# {resource type that a control judges: {similar type that the control does not judge: label}}. The label of scale sets
# mentions machines in flexible mode, because Azure lists these machines as virtual machines.
_NOT_COVERED: Mapping[str, Mapping[str, str]] = {
    VIRTUAL_MACHINES.resource_type: {
        "microsoft.compute/virtualmachinescalesets": "scale set (machines in flexible mode are checked)",
        "microsoft.hybridcompute/machines": "Arc machine",
    }
}


def not_covered(estate: Estate, control: Control) -> dict[str, int]:
    """Return {label: number of resources} for resource types that the control does not judge, but that are similar to a
    type that the control judges (`_NOT_COVERED`).
    """
    judged = {collection.resource_type.casefold() for collection in control.needs}
    similar = {
        kind: label
        for kind, label in _NOT_COVERED.get(control.subject_type, {}).items()
        if kind not in judged
    }
    kinds = Counter(str(view.body.get("type")).casefold() for view in estate.documents(RESOURCES.name))
    return {label: kinds[kind] for kind, label in similar.items() if kinds[kind]}


def collections_ledger(estate: Estate, controls: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """Return {collection: {title, permission, expected, reached, documents, gaps: {reason: n}}}.

    `expected` is the number of scopes to read. `reached` is the number of scopes that were read completely. Collections
    of features that the cloud lacks are left out.
    """
    missing = missing_features(estate.cloud, estate.now)
    needed = {
        one.name: one
        for control in controls
        if control.feature not in missing
        for one in (*control.needs, *control.optional)
        if one.feature not in missing
    }
    ledger: dict[str, dict[str, Any]] = {}
    for name in sorted(needed):
        answers = estate.answers(name)
        gaps = Counter(str(answer.gap.reason) for answer in answers if answer.gap)
        ledger[name] = {
            "title": needed[name].title,
            "permission": needed[name].permission,
            "expected": len(answers),
            "reached": sum(1 for answer in answers if answer.gap is None),
            "documents": sum(len(answer.documents) for answer in answers),
            "gaps": dict(sorted(gaps.items())),
        }
    return ledger


class ControlsLedger:
    """Counts results by control: {control: {subjects, outcomes: {outcome: n}, unknown: {reason: n}}}.

    The row of a control can have further keys:

    - `permissions`: {missing permission: number of results that are unknown without it}. The permission to
      request a collection is left out, because the ledger of collections has it. What remains are permissions that can
      be missing although no request fails, such as the permission to read hidden memberships. The attribute
      `permissions` of this class combines the permissions of all controls.
    - `not_covered`: {label: n}. There are `n` resources of a similar type that the control does not judge.
    """

    def __init__(self, controls: Iterable[Control], estate: Estate | None = None) -> None:
        controls = list(controls)
        self.outcomes: Counter[str] = Counter()
        self.permissions: set[str] = set()
        self._rows: dict[str, dict[str, Any]] = {
            control.slug: {"subjects": 0, "outcomes": {}, "unknown": {}} for control in controls
        }
        for control in controls:
            if found := not_covered(estate, control) if estate is not None else {}:
                self._rows[control.slug]["not_covered"] = found

    def note(self, result: Result) -> None:
        """Count one result."""
        row = self._rows[result.control.slug]
        outcome = str(result.verdict.outcome)
        self.outcomes[outcome] += 1
        row["subjects"] += 1
        row["outcomes"][outcome] = row["outcomes"].get(outcome, 0) + 1
        if result.verdict.outcome is Outcome.UNKNOWN:
            reason = str(result.verdict.unknown_because)
            row["unknown"][reason] = row["unknown"].get(reason, 0) + 1
            if permission := _further_permission(result.verdict.gap):
                self.permissions.add(permission)
                counts = row.setdefault("permissions", {})
                counts[permission] = counts.get(permission, 0) + 1

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the ledger, with a row for each control."""
        return self._rows


def _further_permission(gap: Gap | None) -> str:
    """Return the missing permission of a gap if it is not the permission of the gap's collection. Otherwise, return an
    empty string.
    """
    if gap is None or gap.reason is not Reason.FORBIDDEN or gap.permission == ALL[gap.collection].permission:
        return ""
    return gap.permission
