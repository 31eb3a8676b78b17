"""JSON Schemas (2020-12) of the files inside customers' reports and of evidence bundles.

    schema_of("results")            results.json of every kind of report
    schema_of("evidence-manifest")  evidence-manifest.json
    schema_of("evidence")           a line of evidence.jsonl in an evidence bundle

The schema of the results is made from the facts of the parts (`portal.reports.parts`), so it always has every
field. The first paragraph of a dataclass's docstring describes its objects in the schema. `docs/schemas/` and the page
that verifies reports publish the schemas.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from portal.reports.attachments.files import RESULTS_FORMAT
from portal.reports.attachments.manifest_schemas import (
    DIALECT,
    NUMBER,
    TIME,
    Schema,
    evidence_schema,
    manifest_schema,
    object_schema,
)
from portal.reports.attachments.schema_texts import FIELDS
from portal.reports.kinds import KINDS
from portal.reports.parts import PARTS

_SCALARS: Final[Mapping[Any, Schema]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: NUMBER,
    float: {"type": "number"},
    datetime: TIME,
    Any: {},
}

# The keys of facts that every version of Surety has written to results.json. Other keys are optional, because signed
# reports of earlier versions lack them. So never add a key here: those reports would no longer match the schema.
_REQUIRED: Final = {
    "activity", "adjusted", "adjusted_counts", "attestations", "catalogues", "change_counts", "changes",
    "collections", "comparison", "counts", "coverage", "customer_archived_at", "delegated", "due_days", "ended_at",
    "exceptions", "excluded", "exposure", "exposure_first", "exposure_last", "exposure_totals", "extent", "framework",
    "framework_numbers", "framework_results", "frameworks", "gaps", "historic", "identity", "integrity",
    "not_covered", "of_selected_units", "open_by_severity", "outside_profile", "previous",
    "previous_had_other_catalogue", "principals", "profile", "requests", "resource_types", "score", "sections",
    "started_at", "states", "subscription_remarks", "switched_off", "throttled", "treated_at", "trend", "units",
}  # fmt: skip


def schema_of(name: str) -> Schema:
    """Return the schema. Raises KeyError for a name that is not one of `SCHEMAS`."""
    return SCHEMAS[name]()


class _Definitions(dict[str, Schema]):
    """The schemas of dataclasses by their names, for `$defs`."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: dict[str, type] = {}

    def claim(self, facts: type) -> bool:
        """Reserve the name of a dataclass for its schema. Return False if the schema was already added.

        Raise ValueError if another dataclass has the same name, because `$defs` can have only one schema of this name.
        """
        name = facts.__name__
        other = self._classes.setdefault(name, facts)
        if other is not facts:
            raise ValueError(
                f"Two dataclasses of facts have the name {name}: one in {other.__module__}, one in"
                f" {facts.__module__}. Rename one of them, so that the schema of results.json can describe both."
            )
        if name in self:
            return False
        # Register the name before the properties are read: a property can have the dataclass itself as its type.
        self[name] = {}
        return True


@cache
def _results() -> Schema:
    definitions = _Definitions()
    properties: dict[str, Schema] = {"format": {"const": RESULTS_FORMAT}}
    for part in PARTS:
        facts = get_type_hints(part.gather)["return"]
        properties.update(_properties(facts, definitions))
    return {
        "$schema": DIALECT,
        "title": "Results of a report of Surety",
        "description": (
            f"results.json inside the reports of a customer ({', '.join(KINDS)}), format {RESULTS_FORMAT}. All kinds"
            " state the same facts. All times are UTC, scores and coverage are percentages."
        ),
        **object_schema(properties, optional=properties.keys() - {"format"} - _REQUIRED),
        "allOf": [_only_in("changes", "comparison"), _only_in("period", "period")],
        "$defs": dict(sorted(definitions.items())),
    }


def _only_in(kind: str, name: str) -> Schema:
    """Return the schema condition that a property is an object in reports of this kind, and null in all other
    reports.
    """
    return {
        "if": {"properties": {"identity": {"properties": {"kind": {"const": kind}}}}},
        "then": {"properties": {name: {"type": "object"}}, "required": [name]},
        "else": {"properties": {name: {"type": "null"}}},
    }


def _properties(facts: type, definitions: _Definitions) -> dict[str, Schema]:
    hints = get_type_hints(facts)
    return {
        field.name: _schema(hints[field.name], definitions) | _extra(facts, field) for field in fields(facts)
    }


def _extra(facts: type, field: Field[Any]) -> Schema:
    """Return the keys that the schema of a field has in addition to its type, such as a description, a format or
    permitted values. The field declares them (`portal.reports.parts.part.in_schema`), or `FIELDS` has them.
    """
    declared = field.metadata.get("schema") or FIELDS.get(f"{facts.__name__}.{field.name}")
    return dict(declared or FIELDS.get(field.name, {}))


def _schema(hint: Any, definitions: _Definitions) -> Schema:
    """Return the schema of a type, and add the dataclasses in it to the definitions."""
    if hint in _SCALARS:
        return dict(_SCALARS[hint])
    if isinstance(hint, type) and is_dataclass(hint):
        return _definition(hint, definitions)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        known = [_schema(one, definitions) for one in arguments if one is not types.NoneType]
        return {"anyOf": [*known, {"type": "null"}]}
    if origin is tuple and arguments[-1] is not Ellipsis:
        items = [_schema(one, definitions) for one in arguments]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    raise TypeError(
        f"There is no schema for the type {hint!r}. Add the type to portal.reports.attachments.schemas."
    )


def _description(facts: type) -> str:
    """Return the first paragraph of a dataclass's docstring, without the last full stop."""
    docstring = inspect.getdoc(facts) or ""
    # If a dataclass has no docstring, Python uses its signature as the docstring.
    if not docstring or docstring.startswith(f"{facts.__name__}("):
        raise LookupError(
            f"{facts.__name__} in {facts.__module__} has no docstring. The first paragraph describes its objects in"
            " docs/schemas/results.schema.json."
        )
    paragraph = docstring.split("\n\n", 1)[0]
    return " ".join(paragraph.split()).removesuffix(".")


def _definition(facts: type, definitions: _Definitions) -> Schema:
    name = facts.__name__
    if definitions.claim(facts):
        properties = _properties(facts, definitions)
        if name == "ControlFact":
            properties["findings_not_listed"] = {
                "description": "For each outcome, the number of verdicts that the report does not list. A report with"
                " more than 20,000 verdicts does not list all of them",
                "type": "object",
                "propertyNames": {"enum": ["pass", "not_applicable"]},
                "additionalProperties": NUMBER,
            }
        definitions[name] = {"description": _description(facts), **object_schema(properties)}
    return {"$ref": f"#/$defs/{name}"}


SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {
    "results": _results,
    "evidence-manifest": manifest_schema,
    "evidence": evidence_schema,
}
