"""Evaluate `$filter` of ARM requests.

`sandbox.odata` compiles the filter. This module adds ARM's own functions, such as `atScope()`, and finds the properties
that the filter names.
"""

import json
from typing import Any

from sandbox.odata import Function, compile_filter, property_of
from sandbox.paths import group_of

# These functions select scopes. Here they match every document, because the store has already selected the scopes.
_SCOPES: dict[str, Function] = {
    name: lambda _: lambda item: True for name in ("atscope", "atscopeandbelow", "astarget")
}
_FUNCTIONS: dict[str, Function] = {
    **_SCOPES,
    "assignedto": lambda values: (
        lambda item: bool(values) and _in_properties(item, "principalId") == values[0]
    ),
}


def matches(text: str, keys: list[str], documents: dict[str, bytes], *, resources: bool) -> list[str]:
    """Return the keys of the documents that match the filter. Raise `FilterError` if the filter is invalid."""
    predicate = compile_filter(text, _resource if resources else _in_properties, _FUNCTIONS)
    return [key for key in keys if predicate(json.loads(documents[key]))]


def _in_properties(item: Any, name: str) -> Any:
    """Return the value of `properties.<name>`. If there is no such value, return the value of the document's own
    `<name>`.

    In a filter on role definitions, `type` means `properties.type`.
    """
    value = property_of(item.get("properties"), name)
    return property_of(item, name) if value is None else value


def _resource(item: Any, name: str) -> Any:
    match name.lower():
        case "resourcetype":
            return item.get("type")
        case "resourcegroup":
            return (group_of(item["id"].lower()) or "").rpartition("/")[2]
        case "tagname":
            return list(item.get("tags") or {})
        case "tagvalue":
            return list((item.get("tags") or {}).values())
    return property_of(item, name)
