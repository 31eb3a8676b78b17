"""The schema of the parameters of controls."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.registry import catalogue
from portal.configuration.schema.parts import Schema, mapping


def with_parameters() -> Iterator[str]:
    """Yield the controls that have parameters."""
    return (slug for slug, control in catalogue().items() if control.parameters)


def parameters(slug: str) -> Schema:
    found: Schema = {}
    for parameter in catalogue()[slug].parameters:
        kind = {bool: "boolean", int: "number", float: "number"}.get(type(parameter.default), "string")
        one: Schema = {"type": kind, "description": parameter.help, "default": parameter.default}
        if parameter.choices:
            one = {"enum": list(parameter.choices), "description": parameter.help}
        if parameter.minimum is not None:
            one["minimum"] = parameter.minimum
        if parameter.maximum is not None:
            one["maximum"] = parameter.maximum
        if parameter.pattern:
            one["pattern"] = f"^({parameter.pattern})$"
        found[parameter.name] = one
    return mapping(found)
