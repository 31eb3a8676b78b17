"""The published schemas of the files inside reports describe these files exactly. OSCAL files follow NIST's schema."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.portfolio_reports.published_schemas import PUBLISHED, schema_text
from portal.reports.attachments import schemas
from portal.reports.attachments.schemas import schema_of
from portal.reports.facts.presentation import OUTCOMES
from portal.reports.facts.shared import FindingFact
from portal.reports.facts.source import ReportSource
from portal.reports.parts import PARTS
from portal.reports.parts.part import Part, in_schema
from portal.treatment.scores import COUNTS_AS
from tests.portal.reports.conftest import Built, attached
from tests.portal.reports.schemas import FILES, OSCAL, oscal_problems, problems

pytestmark = pytest.mark.slow(seconds=12)

DOCS = Path(settings.BASE_DIR) / "docs"


def test_docs_have_the_schemas_of_the_code() -> None:
    assert {path.name for path in (DOCS / "schemas").iterdir()} == {
        f"{name}.schema.json" for name in PUBLISHED
    }
    for name in PUBLISHED:
        assert (DOCS / "schemas" / f"{name}.schema.json").read_text() == schema_text(name), "Run “make docs”."
        jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))
        assert f"(schemas/{name}.schema.json)" in (DOCS / "reports.md").read_text()


def test_everybody_can_download_the_schemas(client: Client, db: None) -> None:
    page = client.get(reverse("verify")).content.decode()
    for name in PUBLISHED:
        address = reverse("report-schema", args=[name])
        assert f'href="{address}"' in page
        answer = client.get(address)
        assert answer["Content-Type"] == "application/schema+json; charset=utf-8"
        assert answer.content.decode() == schema_text(name)
    assert client.get(reverse("report-schema", args=["unknown"])).status_code == 404


def test_every_object_of_the_results_is_closed_and_described() -> None:
    schema = schema_of("results")
    names = {field.name for part in PARTS for field in fields(get_type_hints(part.gather)["return"])}
    assert set(schema["properties"]) == {"format", *names}
    assert set(schema["required"]) == {"format", *schemas._REQUIRED}
    # If one of these keys were renamed or removed, the schema would refuse results in earlier reports.
    assert names >= schemas._REQUIRED
    for name, definition in schema["$defs"].items():
        assert definition["additionalProperties"] is False, name
        assert definition["description"], name


@dataclass
class NewObject:
    """An object of a new part, described in the schema.

    This paragraph is not published.
    """

    number: int = field(metadata=in_schema("A number of a new part", minimum=3))


@dataclass
class NewFacts:
    """The facts of a new part."""

    new_key: NewObject


def _new_facts(source: ReportSource) -> NewFacts:
    raise NotImplementedError


NEW_PART = Part("new", "New", gather=_new_facts, kinds=("full",), position=1)


def test_results_of_earlier_versions_stay_valid_after_a_part_is_added(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "PARTS", (*PARTS, NEW_PART))
    schema = schemas._results.__wrapped__()
    assert schema["$defs"]["NewObject"]["description"] == "An object of a new part, described in the schema"
    assert schema["$defs"]["NewObject"]["properties"] == {
        "number": {"type": "integer", "minimum": 3, "description": "A number of a new part"}
    }
    earlier = json.loads(attached(built.data, "results.json"))
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(earlier)) == []
    assert list(validator.iter_errors({**earlier, "new_key": {"number": 3}})) == []
    assert list(validator.iter_errors({**earlier, "new_key": 1}))


def test_a_dataclass_without_a_docstring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NewObject, "__doc__", "NewObject(number: int)")
    monkeypatch.setattr(schemas, "PARTS", (*PARTS, NEW_PART))
    with pytest.raises(LookupError, match=r"NewObject in .* has no docstring"):
        schemas._results.__wrapped__()


def test_a_second_dataclass_with_the_same_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_dataclass(FindingFact.__name__, [("number", int)])
    monkeypatch.setitem(NewFacts.__annotations__, "new_key", other)
    monkeypatch.setattr(schemas, "PARTS", (*PARTS, NEW_PART))
    with pytest.raises(ValueError, match="Two dataclasses of facts have the name FindingFact"):
        schemas._results.__wrapped__()


def test_results_with_an_exception_in_force_follow_the_schema(built: Built) -> None:
    results = json.loads(attached(built.data, "results.json"))
    results["adjusted_counts"] |= dict.fromkeys({*OUTCOMES, *COUNTS_AS.values()}, 1)
    assert problems("results", results) == []
    results["adjusted_counts"]["maybe"] = 1
    assert problems("results", results)


def test_changed_files_are_refused(built: Built) -> None:
    """If a change of a file would break programs that read the file, the schema refuses the changed file."""
    files = {name: json.loads(attached(built.data, name)) for name in FILES}
    required = {
        "results.json": {"format", *schemas._REQUIRED},
        "evidence-manifest.json": files["evidence-manifest.json"],
    }
    for file, name in FILES.items():
        assert problems(name, files[file]) == []
        for key in files[file]:
            left = {key_: value for key_, value in files[file].items() if key_ != key}
            assert bool(problems(name, left)) == (key in required[file]), key
        assert problems(name, {**files[file], "novel": 1})
    changes: dict[str, list[Callable[[Any], object]]] = {
        "results.json": [
            lambda content: content["identity"].update(kind="changes"),
            lambda content: content["identity"].update(kind="period"),
            lambda content: (content["identity"].update(kind="period"), content.pop("period")),
            lambda content: content["identity"].update(kind="novel"),
            lambda content: content["identity"].update(created_at="yesterday"),
            lambda content: content["sections"][0]["controls"][0].pop("slug"),
            lambda content: content["sections"][0]["controls"][0].update(severity="grave"),
            lambda content: content["counts"].update(maybe=1),
            lambda content: content["integrity"].update(evidence_sha256="12"),
        ],
        "evidence-manifest.json": [
            lambda content: content["evidence"][0].update(sha256="12"),
            lambda content: content["evidence"][0].pop("collected_at"),
            lambda content: content["units"][0].update(answers={"x": {"/y": [["/y/z", [0]]]}}),
            lambda content: content["judging"][0].update(kind="tenant"),
        ],
    }
    for file, each in changes.items():
        for change in each:
            content = copy.deepcopy(files[file])
            change(content)
            assert problems(FILES[file], content)


def test_nist_refuses_changed_oscal(built: Built, tmp_path: Path) -> None:
    document = json.loads(attached(built.data, OSCAL))
    assert oscal_problems(document, tmp_path) == []
    changes: list[Callable[[Any], object]] = [
        lambda result: result.pop("start"),
        lambda result: result.update(novel="x"),
        lambda result: result["observations"][0].update(methods=[]),
        lambda result: result["observations"][0].update(collected="yesterday"),
        lambda result: result["findings"][0]["target"]["status"].pop("state"),
        lambda result: result["findings"][0].update(uuid="1"),
        lambda result: result["observations"][1].update(uuid=result["observations"][0]["uuid"]),
    ]
    for number, change in enumerate(changes):
        changed = copy.deepcopy(document)
        change(changed["assessment-results"]["results"][0])
        assert oscal_problems(changed, tmp_path), number
    newer = copy.deepcopy(document)
    newer["assessment-results"]["metadata"]["keywords"] = (
        "x"  # Only later releases of OSCAL have this property.
    )
    assert oscal_problems(newer, tmp_path)
