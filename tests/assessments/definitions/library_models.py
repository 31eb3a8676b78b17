"""Looks up properties, by their names in JSON, in the models of Azure's Python libraries."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

_NAMED = re.compile(r"\b_models\.(\w+)")
_MODEL = re.compile(r"(?:_models\.|~[\w.]+\.)?(\w+)$")


def load(name: str) -> type:
    """Return a model by the name of its module and class: `azure.mgmt.network.models:FlowLog`."""
    module, _, model = name.partition(":")
    return getattr(importlib.import_module(module), model)


def has(model: type, path: str) -> bool:
    """Whether a model, or a model derived from it, has the property at a path such as `properties.logs[].enabled`."""
    names = [name.removesuffix("[]") for name in path.split(".")]
    return any(_has(one, names) for one in _with_derived(model))


def values(model: type, path: str) -> frozenset[str]:
    """Return the values, in lower case, that a model or a model derived from it lists for a property.

    The result is empty if the type of the property is no enumeration. It is also empty for older libraries, whose
    models do not name their enumerations.
    """
    names = [name.removesuffix("[]") for name in path.split(".")]
    return frozenset(value.casefold() for one in _with_derived(model) for value in _values(one, names))


def _values(model: type, names: list[str]) -> Iterator[str]:
    for keys, kind in _properties(model):
        if names[: len(keys)] != keys:
            continue
        rest = names[len(keys) :]
        if re.search(r"\b[Dd]ict\[", kind):
            rest = rest[1:]
        for name in _NAMED.findall(kind):
            named = getattr(importlib.import_module(_package(model)), name)
            if issubclass(named, Enum):
                yield from (str(one.value) for one in named if not rest)
            elif rest:
                for one in _with_derived(named):
                    yield from _values(one, rest)


def _with_derived(model: type) -> Iterator[type]:
    yield model
    derived: type
    for derived in type.__subclasses__(model):
        yield from _with_derived(derived)


def _has(model: type, names: list[str]) -> bool:
    for keys, kind in _properties(model):
        if names[: len(keys)] == keys:
            if len(names) == len(keys) or _inside(model, kind, names[len(keys) :]):
                return True
        elif keys[: len(names)] == names:
            # Some libraries have no model for an object such as `properties`, only paths such as `properties.state`.
            # The path shows that the object exists.
            return True
    return False


def _inside(model: type, kind: str, names: list[str]) -> bool:
    """Whether the type of a property has the remaining names of a path. A dictionary counts as having every key,
    because the library does not list its keys.
    """
    kind = re.sub(r"ForwardRef\(('\w[\w.]*')[^)]*\)", r"\1", kind)
    kind = kind.replace('"', "").replace("'", "")
    while True:
        kind = kind.strip()
        if found := re.fullmatch(r"(?:typing\.)?Optional\[(.+)\]", kind):
            kind = found[1]
        elif found := re.fullmatch(r"(?:list|List|Sequence)\[(.+)\]|\[(.+)\]", kind):
            kind = found[1] or found[2]
        elif found := re.fullmatch(r"(?:dict|Dict)\[\w+, *(.+)\]|\{(.+)\}", kind):
            kind, names = found[1] or found[2], names[1:]
            if not names:
                return True
        else:
            break
    if kind in ("Any", "object", "JSON", "MutableMapping[str, Any]"):
        return True
    inner = _MODEL.search(kind)
    found_model = getattr(importlib.import_module(_package(model)), inner[1], None) if inner else None
    return isinstance(found_model, type) and any(_has(one, names) for one in _with_derived(found_model))


def _package(model: type) -> str:
    return model.__module__.partition(".models")[0] + ".models"


def _properties(model: type) -> Iterator[tuple[list[str], str]]:
    """Yield (path in JSON, type as written in the library) of each property."""
    if mapping := getattr(model, "_attribute_map", None):
        for described in mapping.values():
            keys = re.split(r"(?<!\\)\.", described["key"])
            yield [key.replace("\\.", ".") for key in keys], described["type"]
        return
    fields: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for one in reversed(model.__mro__):
        fields |= {name: value for name, value in vars(one).items() if hasattr(value, "_rest_name_input")}
        kinds |= {name: str(kind) for name, kind in vars(one).get("__annotations__", {}).items()}
    for name, value in fields.items():
        yield [value._rest_name_input or name], kinds.get(name, "Any")
