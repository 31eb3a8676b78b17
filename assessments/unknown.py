"""What would make an unknown finding known: the missing permission or licence, or what else to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assessments.controls.registry import catalogue
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.grants import AT_MANAGEMENT_GROUPS, closure, is_graph

_AGAIN: Final = "Check again. If the finding stays unknown, look at the gaps of the assessment"
# Reason -> what to do, for reasons that no permission and no licence removes.
_STEPS: Final[Mapping[Reason, str]] = {
    Reason.UNAUTHENTICATED: "Replace the credential of the service principal under Settings, then start an assessment",
    Reason.NOT_FOUND: _AGAIN,
    Reason.THROTTLED: _AGAIN,
    Reason.SERVER_ERROR: _AGAIN,
    Reason.TIMEOUT: _AGAIN,
    Reason.CONNECTION: _AGAIN,
    Reason.BAD_ANSWER: _AGAIN,
    Reason.FOREIGN_HOST: _AGAIN,
    Reason.SUBSCRIPTION_DISABLED: "Enable the subscription in Azure, or exclude it from assessments",
    Reason.API_VERSION: "Update Surety: this cloud offers only api-versions that this version of Surety cannot use",
    Reason.NOT_COLLECTED: "Start an assessment of this subscription or directory",
    Reason.MISSING_FIELD: "No permission is missing. Review the resource in Azure: the answer lacks a property",
    Reason.UNDECIDED: "No permission is missing. Review the resource in Azure: the data does not decide the control",
}


@dataclass(frozen=True, slots=True)
class Needed:
    """What would make a finding known, as a sentence without full stop, with the rights and licences that it names."""

    sentence: str
    permissions: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()


def needed_for(
    control: str, unknown_because: str, gaps: Iterable[Mapping[str, Any]], place: str = ""
) -> Needed | None:
    """Return what an unknown finding needs; None if its reason is empty or no longer used.

    `gaps` are those of the unit that judged the finding (`Unit.gaps`); `place` is the name of the subscription or
    directory. If the gaps do not tell, the control's declaration says what it reads.
    """
    try:
        reason = Reason(unknown_because)
    except ValueError:
        return None
    declared = catalogue().get(control)
    collections = closure(declared) if declared else {}
    if reason in _STEPS:
        return Needed(_STEPS[reason])
    refused = sorted(
        {str(gap.get("collection")) for gap in gaps if gap.get("reason") == reason} & collections.keys()
    )
    names = refused or sorted(collections)
    if reason is Reason.LICENCE_MISSING:
        licences = tuple(sorted({ALL[name].licence for name in names if ALL[name].licence}))
        words = " and ".join(licences) or "the licence that Microsoft Graph asked for"
        return Needed(f"Licence needed in the directory: {words}", (), licences)
    permissions = tuple(dict.fromkeys(ALL[name].permission for name in names))
    at_groups = bool(AT_MANAGEMENT_GROUPS.intersection(names))
    rights = " and ".join(_grant(one, place, at_groups=at_groups) for one in permissions)
    return Needed(f"Grant {rights}" if rights else _AGAIN, permissions)


def _grant(permission: str, place: str, *, at_groups: bool) -> str:
    if is_graph(permission):
        # The first alternative is the least privileged one.
        return f"{permission.split('|', maxsplit=1)[0]} in Microsoft Graph, with admin consent"
    where = "the topmost management group" if at_groups else place or "the subscription"
    return f"{permission} (role Reader) on {where}"
