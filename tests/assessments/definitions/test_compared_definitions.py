"""Azure's definition of each collection, at the requested api-version, has every property that controls read."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from assessments.collect.session import READING_POSTS
from assessments.estate.collection import Definition, Shape, Source
from assessments.estate.collections import ALL, REQUESTED
from assessments.estate.compared_definitions import FOLDER, GRAPH_PERMISSIONS, compared
from assessments.estate.estate import UnitKind
from tests.assessments.definitions import entries, library_models
from tests.assessments.definitions.entries import (
    defined,
    definition_of,
    file_of,
    made,
    source_of,
    stated_beside_cases,
    undefined,
)
from tests.assessments.definitions.installed_libraries import (
    INSTALLED,
    LIBRARY,
    installed_version,
    libraries,
)
from tests.assessments.definitions.operation_models import returned_model
from tests.assessments.definitions.properties_to_compare import uncompared, unread
from tests.assessments.official.estates import example_modules
from tests.for_each import for_each

_FILE = re.compile(r"[\w.-]+/[\w.-]+/[\w./{},-]+\.(json|csdl)@[0-9a-f]{40}")


def test_every_collection_was_compared_with_the_version_that_is_requested() -> None:
    requested = {name: collection.api_version or "v1.0" for name, collection in REQUESTED.items()}
    found = {name: one.api_version for name, one in compared().items()}
    assert found == requested, (
        "each collection has an entry with its api-version in assessments/estate/definitions/"
    )


def test_every_comparison_names_its_source_exactly() -> None:
    for name, one in compared().items():
        assert LIBRARY.fullmatch(one.source) or _FILE.fullmatch(one.source), name
        assert one.definition, name


def test_every_file_of_a_definition_is_that_of_the_requested_version() -> None:
    """If Surety requests another api-version, its controls must be compared with the definition of that version."""
    without_own_file = {"intune_log_settings"}  # Microsoft publishes no specification of this request.
    other = {
        name
        for name, one in compared().items()
        if one.source.startswith("Azure/") and f"/{one.api_version}/" not in one.source
    }
    assert other == without_own_file


@pytest.mark.slow(seconds=1)
def test_the_entries_are_up_to_date() -> None:
    files: dict[str, dict[str, Any]] = {}
    for name in sorted(REQUESTED):
        files.setdefault(file_of(ALL[name]), {})[name] = made(name).entry
    found = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in FOLDER.glob("*.json")}
    assert found == files, "run make docs"


@pytest.mark.slow(seconds=1)
def test_a_person_states_only_what_nothing_else_shows() -> None:
    """Without a declaration, the definition of a collection is the model that its SDK operation returns. So no
    collection may declare this model. `DEFINED` and `UNDEFINED` must not list the properties in `Entry.to_remove`.
    """
    stated = {name: paths for name in REQUESTED if (paths := made(name).to_remove)}
    assert stated == {}, (
        "remove these from DEFINED or UNDEFINED of tests/assessments/official/bodies*.py or of the cases modules"
    )
    declared = [name for name, one in REQUESTED.items() if one.definition == Definition(returned_model(one))]
    assert declared == [], "the SDK operation of these collections returns the declared definition"


def test_facts_are_stated_beside_the_example() -> None:
    for module in example_modules():
        bodies = {name for kind in UnitKind for name in getattr(module, kind.name, {})}
        for constant in ("DEFINED", "UNDEFINED", "MAY_BE_ABSENT", "NOT_REQUESTED"):
            assert set(getattr(module, constant, ())) <= bodies, (module.__name__, constant)


def test_each_property_is_stated_once_and_of_a_collection() -> None:
    for constant in ("DEFINED", "UNDEFINED"):
        assert {name for one in stated_beside_cases(constant) for name in one} <= REQUESTED.keys(), constant
    looked_up = {name: Counter([*defined(name), *undefined(name)]) for name in REQUESTED}
    twice = {name: [path for path, count in of.items() if count > 1] for name, of in looked_up.items()}
    assert {name: paths for name, paths in twice.items() if paths} == {}


def test_a_property_can_be_stated_beside_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("cases_new")
    module.__dict__["DEFINED"] = {"ai_details": "properties.one properties.two"}
    module.__dict__["UNDEFINED"] = {"ai_details": {"properties.three": "the portal shows it"}}
    before, lacking = defined("ai_details"), undefined("ai_details")
    monkeypatch.setattr(entries, "modules", lambda: (module,))
    assert defined("ai_details") == (*before, "properties.one", "properties.two")
    assert undefined("ai_details") == {**lacking, "properties.three": "the portal shows it"}


@pytest.mark.slow(seconds=1)
def test_a_collection_without_operation_or_definition_is_refused() -> None:
    new = replace(ALL["redis_caches"], name="redis_rules", definition=None)
    with pytest.raises(LookupError, match="Declare `definition` of redis_rules"):
        definition_of(new)
    unknown = replace(new, definition=Definition("azure.mgmt.redis.models:Rule"))
    with pytest.raises(LookupError, match="State the library or the commit of the definition of redis_rules"):
        source_of(unknown)


@pytest.mark.slow(seconds=1)
def test_every_property_that_is_read_was_compared() -> None:
    missing = {name: paths for name in compared() if (paths := uncompared(name))}
    assert missing == {}, "run make docs, which says where to enter the properties that are still missing"


@pytest.mark.slow(seconds=1)
def test_every_compared_property_is_read() -> None:
    """A property that nothing reads cannot change a verdict, so the definition files do not list it."""
    assert {name: paths for name in compared() if (paths := unread(name))} == {}, "run make docs"


@for_each("name", INSTALLED)
def test_the_models_of_installed_libraries_have_the_properties(name: str) -> None:
    one = compared()[name]
    model = library_models.load(one.definition)
    assert [path for path in one.properties if not library_models.has(model, path)] == []
    assert [path for path in one.undefined if library_models.has(model, path)] == []


@for_each("name", INSTALLED)
def test_the_installed_library_has_the_requested_version(name: str) -> None:
    one = compared()[name]
    module = one.definition.partition(":")[0]
    if of_version := re.search(r"\.v(\d{4})_(\d\d)_(\d\d)(_preview)?\.", module):
        year, month, day, preview = of_version.groups()
        assert f"{year}-{month}-{day}{'-preview' if preview else ''}" == one.api_version
        return
    package = Path(str(importlib.import_module(module.removesuffix(".models")).__file__)).parent
    sources = [package / "_configuration.py", *(package / "operations").glob("*operations.py")]
    assert any(f'"{one.api_version}"' in source.read_text(encoding="utf-8") for source in sources)


def test_another_version_of_a_library_was_compared_only_if_the_installed_one_lacks_the_api_version() -> None:
    """After an upgrade of a library, this test names the collections that must be compared with the new version."""
    to_compare_again = []
    for name, (library, version) in libraries().items():
        if installed_version(library) in ("", version):
            continue
        files = [file for file in importlib.metadata.files(library) or () if file.suffix == ".py"]
        operations = [file for file in files if "operations" in file.name or file.name == "_configuration.py"]
        module = ALL[name].operation.library if ALL[name].operation else ""
        of_api = f"v{compared()[name].api_version.replace('-', '_')}"
        if any(of_api in file.parts for file in files) or any(
            f'"{compared()[name].api_version}"' in file.read_text(encoding="utf-8")
            for file in operations
            if module in file.parts
        ):
            to_compare_again.append(name)
    assert to_compare_again == []


def test_queries_of_resource_graph_return_what_is_read() -> None:
    queries = [collection for collection in ALL.values() if collection.resource_graph]
    assert queries
    for collection in queries:
        for path in compared()[collection.name].properties:
            top = path.split(".")[1] if path.startswith("properties.") else path
            assert re.search(rf"\b{top}\b", collection.resource_graph), (collection.name, path)


def test_a_property_that_a_model_lacks_is_not_found() -> None:
    model = library_models.load("azure.mgmt.storage.models:StorageAccount")
    assert library_models.has(model, "properties.encryption.services.blob.enabled")
    assert not library_models.has(model, "properties.encryption.services.blob.enabledX")
    assert not library_models.has(model, "properties.encryption.services.blobs.enabled")
    flat = library_models.load("azure.mgmt.security.v2024_01_01.models:Pricing")
    assert library_models.has(flat, "properties.extensions[].isEnabled")
    assert not library_models.has(flat, "properties.extensions[].enabled")


GRAPH = [name for name, collection in ALL.items() if collection.source is Source.GRAPH]
_QUERIED = re.compile(r"(\w+) eq ")


def test_every_request_of_graph_was_compared_as_it_is_sent() -> None:
    assert [name for name, one in compared().items() if one.request is not None] == sorted(GRAPH)
    for name in GRAPH:
        collection, request = ALL[name], compared()[name].request
        assert request is not None
        sent = "POST" if f"/{collection.path}" in READING_POSTS else "GET"
        assert (request.method, request.path) == (sent, collection.path), name
        shown = request.returns.removeprefix("Collection(").removesuffix(")")
        assert shown == compared()[name].definition, name
        assert request.returns.startswith("Collection(") is (collection.shape is Shape.LIST), name


def test_every_property_in_a_query_of_graph_was_compared() -> None:
    for name in GRAPH:
        query, request = ALL[name].query, compared()[name].request
        assert request is not None
        assert set(query) <= {"$select", "$expand", "$filter", "$top"}, name
        named = {part for key in ("$select", "$expand") for part in query.get(key, "").split(",")} - {""}
        named |= set(_QUERIED.findall(query.get("$filter", "")))
        assert set(request.query_properties) == named, name


def test_every_permission_of_graph_was_compared() -> None:
    assert _FILE.fullmatch(GRAPH_PERMISSIONS)
    for name in GRAPH:
        collection, request = ALL[name], compared()[name].request
        assert request is not None
        declared = {*collection.permissions, *collection.with_permissions}
        assert {*request.permissions, *request.documented_permissions} == declared, name
        assert not set(request.permissions) & set(request.documented_permissions), name
        for page in request.documented_permissions.values():
            assert page.startswith("https://learn.microsoft.com/graph/"), name


def test_only_graph_reads_files_of_several_clouds() -> None:
    for name, one in compared().items():
        assert ("{Prod,Fairfax,Mooncake}" in one.source) == (ALL[name].source is Source.GRAPH), name
