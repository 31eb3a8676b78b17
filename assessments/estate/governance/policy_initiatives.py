"""The built-in initiatives that switch on the recommendations of Defender for Cloud, and their parameters. Pure
functions.

Source: https://learn.microsoft.com/azure/governance/policy/concepts/initiative-definition-structure
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate
from assessments.estate.identity.roles import scope_kind
from assessments.estate.ids import fold, name_of
from assessments.estate.view import View

BENCHMARKS = frozenset({"1f3afdf9-d0c9-4c3d-847f-89da613e70a8", "e3ec7e09-768c-4b64-882c-fcada3772047"})
"""The names (GUIDs) of two initiatives: the Microsoft cloud security benchmark and the preview of its version 2."""


def assigned_benchmarks(estate: Estate) -> Iterable[str]:
    """Return the names (GUIDs) of the initiatives in `BENCHMARKS` that are assigned."""
    named = (view.raw("properties.policyDefinitionId") for view in estate.documents("policy_assignments"))
    return {fold(name_of(value)) for value in named if isinstance(value, str)} & BENCHMARKS


def subscription_below_exclusions(estate: Estate) -> Iterable[str]:
    """Return the unit's subscription if a benchmark is assigned at a management group and the assignment excludes
    management groups.

    In this case, the management groups above the subscription must be read, to see whether one of them is excluded.
    """
    for view in estate.documents("policy_assignments"):
        definition, scope = view.raw("properties.policyDefinitionId"), view.raw("properties.scope")
        excluded = view.raw("properties.notScopes")
        if (
            isinstance(definition, str)
            and fold(name_of(definition)) in BENCHMARKS
            and scope_kind(str(scope)) != "subscription"
            and isinstance(excluded, list)
            and any(scope_kind(str(one)) == "management group" for one in excluded)
        ):
            return [estate.scope_id]
    return []


def without_policies(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an initiative's id, name, type and parameters, without its list of policies."""
    slim = {key: body[key] for key in ("id", "name", "type") if key in body}
    properties = body.get("properties")
    if isinstance(properties, Mapping):
        kept = ("displayName", "policyType", "parameters")
        slim["properties"] = {key: properties[key] for key in kept if key in properties}
    return slim


def disables(definition: View, parameter: str, value: object) -> bool:
    """Return whether a value of a parameter switches a recommendation off.

    `value` is Disabled (case is ignored) or not a text. Disabled switches the recommendation off, unless the parameter
    is deprecated. A value that is not a text never does. Raise Unreadable if the initiative `definition` does not
    declare the parameter, or if the value does not fit the type or the allowed values of the parameter.
    """
    parameters = definition.object("properties.parameters")
    found = next((name for name in parameters.body if name.casefold() == parameter.casefold()), parameter)
    declared = parameters.object(found)
    if not isinstance(value, str):
        if declared.text("type").casefold() == "string":
            raise declared.unreadable("type", "String, but the assigned value is not text")
        return False
    if "disabled" not in {item.casefold() for item in declared.texts("allowedValues")}:
        raise declared.unreadable("allowedValues", "a list without the assigned value Disabled")
    return not declared.object("metadata", default={}).flag("deprecated", default=False)


def disabled_by_default(definition: View) -> list[str]:
    """Return the sorted names of the parameters whose default value in the initiative switches a current recommendation
    off.

    An assignment that does not set a parameter uses its default value. Raise Unreadable if a default does not fit its
    parameter's type or allowed values.
    """
    parameters = definition.object("properties.parameters")
    found = []
    for name in sorted(parameters.body, key=str.casefold):
        declared = parameters.object(name)
        if not declared.has("defaultValue"):
            continue  # Every assignment sets this parameter, because Azure refuses an assignment without it.
        value = declared.raw("defaultValue")
        if not isinstance(value, str):
            if declared.text("type").casefold() == "string":
                raise declared.unreadable("defaultValue", "not text")
            continue
        if value.casefold() == "disabled":
            if disables(definition, name, value):
                found.append(name)
            continue
        allowed = {item.casefold() for item in declared.texts("allowedValues", default=[])}
        if "disabled" in allowed and value.casefold() not in allowed:
            raise declared.unknown_value("defaultValue", value)
    return found
