"""Adjust severities by context. A customer's rules make a failure one step more or less severe if its resource can be
reached from the Internet, holds secrets, or has a tag. Pure functions; see docs/scoring.md.

An assessment stores the rules with the customer's overrides, {SEVERITY_RULES: {"rules": [rule]}}. A rule is {"when":
"internet" | "secrets" | "tag", "step": 1 or -1}; with "tag", the rule also has {"tag": name, "values": [value]}. If the
list of values is empty, the rule holds for every value of the tag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assessments.controls.verdict import Severity
from assessments.estate.collections import CONFIGURATIONS
from assessments.estate.estate import Estate
from assessments.estate.ids import fold
from assessments.estate.view import Trace, View

SEVERITY_RULES: Final = "severity-by-context"
"""The key of these rules in the overrides of an assessment. No control has this name."""
INTERNET, SECRETS, TAG = "internet", "secrets", "tag"
_STEPS: Final = tuple(Severity)  # from the most severe to the least severe
# Properties that say whether a resource can be reached from public networks. The files in
# assessments/estate/definitions name the specifications in which these properties were looked up.
_ACCESS: Final = ("properties.publicNetworkAccess", "properties.network.publicNetworkAccess")
_FIREWALL: Final = "properties.networkAcls.defaultAction"
_HOLD_SECRETS: Final = frozenset({"microsoft.keyvault/vaults", "microsoft.keyvault/managedhsms"})


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The severity of a failure. If it differs from the severity of the control, `remark` says why; otherwise, `remark`
    is empty.
    """

    severity: Severity
    remark: str = ""


class ContextSeverity:
    """Applies the customer's rules to the severities of failures in an assessment."""

    def __init__(self, estate: Estate, parameters: Mapping[str, Mapping[str, Any]]) -> None:
        self._rules = parameters.get(SEVERITY_RULES, {}).get("rules", [])
        self._estate = estate
        self._documents: dict[str, View] | None = None

    def of(self, usual: Severity, subject: str, note: Callable[[View], None] | None) -> Adjusted:
        """Return the severity of a failure of this subject. `note` is called with the document on which the severity
        depends.
        """
        view = self._document(subject) if self._rules else None
        if view is None:
            return Adjusted(usual)
        bound = view.bound(Trace())
        found = list(_met(self._rules, bound))
        if note is not None:
            note(bound)
        step = sum(number for number, _ in found)
        place = _STEPS.index(usual) - (step > 0) + (step < 0)
        if not step or not 0 <= place < len(_STEPS):
            return Adjusted(usual)
        causes = " and ".join(cause for number, cause in found if number * step > 0)
        severity = _STEPS[place]
        return Adjusted(severity, f"The severity is {severity} instead of {usual}, because {causes}")

    def _document(self, subject: str) -> View | None:
        """Return the configuration of the subject, or of the resource that it is a part of."""
        if self._documents is None:
            self._documents = {
                fold(view.id): view
                for name in CONFIGURATIONS
                for view in self._estate.documents(name)
                if view.id
            }
        identifier = fold(subject)
        while identifier.count("/") > 7:
            if (found := self._documents.get(identifier)) is not None:
                return found
            identifier = identifier.rpartition("/")[0]
        return self._documents.get(identifier)


def _met(rules: list[Mapping[str, Any]], view: View) -> Iterator[tuple[int, str]]:
    for rule in rules:
        met = {INTERNET: _from_internet, SECRETS: _holds_secrets}.get(rule["when"])
        cause = met(view) if met is not None else _tagged(view, rule["tag"], rule["values"])
        if cause:
            yield rule["step"], cause


def _from_internet(view: View) -> str:
    """If the resource's settings permit access from public networks, return the words that say so in a remark.
    Otherwise, return an empty string.
    """
    access = [value for path in _ACCESS if isinstance(value := view.raw(path), str)]
    firewall = view.raw(_FIREWALL)
    if isinstance(firewall, str) and firewall.casefold() == "deny":
        return ""
    return "public networks can reach it" if any(one.casefold() == "enabled" for one in access) else ""


def _holds_secrets(view: View) -> str:
    kind = view.raw("type")
    return "it holds secrets" if isinstance(kind, str) and kind.casefold() in _HOLD_SECRETS else ""


def _tagged(view: View, name: str, values: list[str]) -> str:
    tags = view.raw("tags")
    for key, value in tags.items() if isinstance(tags, Mapping) else ():
        is_wanted = not values or str(value).casefold() in {one.casefold() for one in values}
        if key.casefold() == name.casefold() and is_wanted:
            return f"it has the tag {key}"
    return ""
