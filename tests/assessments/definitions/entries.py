"""Make the entries of assessments/estate/definitions from Microsoft's examples, from installed libraries, and from
statements of a person.

A person can state the definition of a collection in the declaration of the collection. Modules with Microsoft's
examples, or with cases of controls, have two tables of statements:

- `DEFINED`: properties that the definition has, although neither the example nor an installed library shows them
- `UNDEFINED`: properties that the definition lacks, each with the reason why controls read it
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from assessments.collect.session import READING_POSTS
from assessments.estate.collection import Collection, Definition, Shape, Source
from assessments.estate.collections import ALL
from assessments.estate.compared_definitions import GRAPH_METADATA
from assessments.estate.estate import UnitKind
from tests.assessments.controls.cases import modules
from tests.assessments.definitions import library_models
from tests.assessments.definitions.installed_libraries import LIBRARY, installed_version
from tests.assessments.definitions.operation_models import library_of, returned_model
from tests.assessments.definitions.properties_to_compare import (
    annotations_of,
    comparable,
    read_of,
    with_parents,
)
from tests.assessments.official.estates import module_of, official, stated

_SPECIFICATIONS = "Azure/azure-rest-api-specs/specification/"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a definition file, and the properties that a person must still look up or remove.

    - `entry`: the entry as in the file
    - `to_look_up`: properties that controls read and that a person must look up in the definition
    - `to_remove`: properties to remove from `DEFINED` or `UNDEFINED`, because nothing reads them; from `DEFINED`, also
      properties that the example or a library shows, and objects or lists of which the entry has an inner property
    """

    entry: Mapping[str, Any]
    to_look_up: tuple[str, ...]
    to_remove: tuple[str, ...]


def file_of(collection: Collection) -> str:
    """Return the name of the file with the entry of a collection: `sql.json` for Microsoft.Sql."""
    if collection.source is Source.GRAPH:
        return "graph.json"
    kind = collection.resource_type or collection.permission
    return kind.partition("/")[0].rpartition(".")[2].casefold() + ".json"


def definition_of(collection: Collection) -> Definition:
    """Return the declared definition of a collection, or the model that its operation returns. Raise LookupError if
    there is neither.
    """
    if collection.definition is not None:
        return collection.definition
    if model := returned_model(collection):
        return Definition(model)
    raise LookupError(
        f"Declare `definition` of {collection.name} in assessments/estate/collections: no SDK operation names a model"
        " of it."
    )


def source_of(collection: Collection) -> str:
    """Return where the definition of a collection is: a library with its version, or a file with its commit. Raise
    LookupError if the declaration does not say where.
    """
    one = definition_of(collection)
    if collection.source is Source.GRAPH:
        return GRAPH_METADATA
    if one.library:
        return one.library
    if one.commit:
        return f"{_SPECIFICATIONS}{one.file or collection.specification}@{one.commit}"
    if library := library_of(one.name):
        return library
    raise LookupError(
        f"State the library or the commit of the definition of {collection.name} in its declaration: no installed"
        f" library has {one.name}."
    )


def is_installed(source: str) -> bool:
    """Return whether a source is an installed library of the same version."""
    found = LIBRARY.fullmatch(source)
    return found is not None and installed_version(found[1]) == found[2]


def defined(name: str) -> tuple[str, ...]:
    """Return the properties that a person has found in the definition of a collection, and listed in a table
    `DEFINED`.
    """
    listed = (stated("DEFINED"), *stated_beside_cases("DEFINED"))
    return tuple(path for one in listed for path in one.get(name, "").split())


def undefined(name: str) -> Mapping[str, str]:
    """Return {property that the definition of a collection lacks: the reason why controls read the property}."""
    listed = (stated("UNDEFINED"), *stated_beside_cases("UNDEFINED"))
    return {path: reason for one in listed for path, reason in one.get(name, {}).items()}


def stated_beside_cases(constant: str) -> tuple[Mapping[str, Any], ...]:
    """Return the table `constant` (`DEFINED` or `UNDEFINED`) of each module with cases."""
    return tuple(getattr(module, constant, {}) for module in modules())


@cache
def made(name: str) -> Entry:
    """Make the entry of a collection. Raise LookupError if its definition or source is not known."""
    collection = ALL[name]
    source, lacking, read = source_of(collection), undefined(name), read_of(name)
    looked_up, shown = set(defined(name)), set(_shown(collection, source, read))
    annotations = annotations_of(name)
    found = {path for path in (read | annotations) - lacking.keys() if path in shown | looked_up}
    # If `found` has a property of an object or list, leave out the object or list itself.
    inner = {path for path in found if path not in with_parents(found - {path})}
    entry: dict[str, Any] = {
        "api_version": collection.api_version or "v1.0",
        "source": source,
        "definition": definition_of(collection).name,
        "properties": sorted(inner),
    }
    if lacking:
        entry["undefined"] = dict(lacking)
    if collection.source is Source.GRAPH:
        entry["request"] = _request(collection)
    return Entry(
        entry,
        to_look_up=tuple(sorted(read - with_parents([*found, *lacking]))),
        to_remove=tuple(sorted((looked_up & shown) | (looked_up - inner) | (lacking.keys() - read))),
    )


def _shown(collection: Collection, source: str, read: frozenset[str]) -> Iterator[str]:
    """Yield the properties that an installed library or Microsoft's example shows.

    If the definition is a model of an installed library, yield those properties in `read` that the model has. If the
    example is beside the file of the definition, yield all properties of the example.
    """
    if is_installed(source):
        model = library_models.load(definition_of(collection).name)
        yield from (path for path in read if library_models.has(model, path))
    elif _is_beside(module_of(collection.name), source):
        for kind in UnitKind:
            for documents in official(kind).get(collection.name, {}).values():
                for document in documents:
                    yield from (comparable(collection.name, path) for path in _paths(document, ""))


def _is_beside(module: ModuleType, source: str) -> bool:
    """Return whether the examples of a module are from the folder `examples` beside the file of a definition. If so,
    the definition has all properties of the examples. The docstring of the module names the folder.
    """
    file = source.partition("@")[0].removeprefix("Azure/azure-rest-api-specs/")
    text = "".join((inspect.getdoc(module) or "").split())
    return f"{PurePosixPath(file).parent}/examples" in text


def _paths(node: Any, where: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield f"{where}{key}"
            yield from _paths(value, f"{where}{key}.")
    elif isinstance(node, list):
        for item in node:
            yield from _paths(item, f"{where.removesuffix('.')}[].")


def _queried(query: Mapping[str, str]) -> set[str]:
    """Return the properties that a query of Microsoft Graph names."""
    listed = ",".join(query.get(key, "") for key in ("$select", "$expand")).split(",")
    return {*listed, *re.findall(r"(\w+) eq ", query.get("$filter", ""))} - {""}


def _request(collection: Collection) -> dict[str, Any]:
    one = definition_of(collection)
    request: dict[str, Any] = {
        "method": "POST" if f"/{collection.path}" in READING_POSTS else "GET",
        "path": collection.path,
        "returns": f"Collection({one.name})" if collection.shape is Shape.LIST else one.name,
        "query_properties": sorted(_queried(collection.query)),
        "permissions": sorted(
            {*collection.permissions, *collection.with_permissions} - one.documented_permissions.keys()
        ),
    }
    if one.documented_permissions:
        request["documented_permissions"] = dict(one.documented_permissions)
    return request
