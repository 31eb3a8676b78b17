"""Advise how to get a verdict for an unknown finding. The advice names the missing permission or licence, or another
step. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assessments.collect.sign_in.refusals import is_outage, needs_new_credential
from assessments.controls.registry import known_controls
from assessments.estate.collections import ALL
from assessments.estate.gaps import Reason
from assessments.permissions.grants import AT_MANAGEMENT_GROUPS, closure, is_graph, place_of

_AGAIN: Final = "Check again. If the finding stays unknown, look at the gaps of the assessment"
_SIGN_IN: Final = "Correct the sign-in errors that the assessment lists as gaps, then start an assessment"
# {reason for which neither a permission nor a licence helps: what to do}
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
    Reason.MISSING_FIELD: "No permission is missing. Azure’s answer lacks a property: review the resource in Azure",
    Reason.UNDECIDED: "No permission is missing. Review the resource in Azure: the data is not enough for a verdict",
    Reason.NOT_DELEGATED: "Add a service principal of the customer’s own directory: Azure Lighthouse gives access"
    " only to the delegated subscription",
    Reason.PARTLY_DELEGATED: "Ask the customer to delegate the role Reader on the whole subscription with Azure"
    " Lighthouse, not only on resource groups. Then start an assessment",
}


@dataclass(frozen=True, slots=True)
class Needed:
    """Advice on how to get a verdict for a finding. `sentence` has no full stop. `permissions` and `licences` are the
    permissions and licences that the sentence names.
    """

    sentence: str
    permissions: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()


def needed_for(
    control: str,
    unknown_because: str,
    gaps: Iterable[Mapping[str, Any]],
    place: str = "",
    coverage: Mapping[str, Any] | None = None,
) -> Needed | None:
    """Return the advice for an unknown finding. Return None if `unknown_because` is empty, or not a reason that this
    version of Surety knows.

    `gaps` and `coverage` belong to the unit that judged the finding; `place` is the name of the unit's subscription or
    directory. If neither `gaps` nor `coverage` names a missing permission, the advice names the permissions of all
    collections of the control.
    """
    try:
        reason = Reason(unknown_because)
    except ValueError:
        return None
    declared = known_controls().get(control)
    collections = closure(declared) if declared else {}
    if reason is Reason.UNAUTHENTICATED:
        return Needed(
            _after_sign_in({str(gap.get("code") or "") for gap in gaps if gap.get("reason") == reason})
        )
    if reason in _STEPS:
        return Needed(_STEPS[reason])
    refused = sorted(
        {str(gap.get("collection")) for gap in gaps if gap.get("reason") == reason} & collections.keys()
    )
    # For certain missing permissions, Azure returns no error, so there is no gap. Only the coverage ledger names these
    # permissions.
    ledger = (coverage or {}).get("controls", {}).get(control, {})
    further = sorted(ledger.get("permissions", {})) if reason is Reason.FORBIDDEN else []
    names = refused or ([] if further else sorted(collections))
    if reason is Reason.LICENCE_MISSING:
        licences = tuple(sorted({ALL[name].licence for name in names if ALL[name].licence}))
        words = " and ".join(licences) or "the licence that Microsoft Graph asked for"
        return Needed(f"Licence needed in the directory: {words}", (), licences)
    permissions = tuple(dict.fromkeys([*(ALL[name].permission for name in names), *further]))
    return Needed(f"Grant {_rights(permissions, names, place)}" if permissions else _AGAIN, permissions)


def _after_sign_in(codes: set[str]) -> str:
    """Return the advice for sign-ins that failed with these codes. A new credential helps only if Entra refused the
    old credential. A new credential does not help in an outage, or if a policy blocks the application.
    """
    codes = codes - {""}
    if codes and all(map(is_outage, codes)):
        return _AGAIN
    if all(map(needs_new_credential, codes)):
        return _STEPS[Reason.UNAUTHENTICATED]
    return _SIGN_IN


def _rights(permissions: Iterable[str], collections: Iterable[str], place: str) -> str:
    """Return the permissions in words: first the permissions of Azure Resource Manager, then the permissions of
    Microsoft Graph.
    """
    # If Graph permissions are alternatives (`A|B`), the first permission is the least privileged.
    graph = [one.split("|", maxsplit=1)[0] for one in permissions if is_graph(one)]
    actions = [one for one in permissions if not is_graph(one)]
    where = place or "the subscription"
    if AT_MANAGEMENT_GROUPS.intersection(collections):
        where = "the topmost management group"
    elif above := sorted({place_of(name) for name in collections} - {""}):
        where = " and ".join(f"the scope {scope}" for scope in above)
    parts = [f"{_list(actions)} (role Reader) on {where}"] if actions else []
    if graph:
        parts.append(f"{_list(graph)} in Microsoft Graph, with admin consent")
    return "; and ".join(parts)


def _list(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]
