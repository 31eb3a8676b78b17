"""Each successful answer in the contract has a recorded answer as its example, and the example fits the schema."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from portal.api.contract_file import FILE
from portal.api.examples import answers
from tests.portal.api.conftest import Api
from tests.portal.api.empty_lists import EMPTY_LISTS
from tests.portal.api.recorded_answers import VARIABLE, operation_of, shape, shortened
from tests.portal.web.world import World

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
CHOSEN = re.compile(r'\{"anyOf": \[(\{"\$ref": "[^"]+"\}), \{"\$ref": "[^"]+Fields"\}\]\}')


def documented() -> dict[tuple[str, str], dict[str, Any]]:
    """Return {(operation, status): media type object} of all successful answers in JSON."""
    return {
        (operation["operationId"], status): response["content"]["application/json"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for status, response in operation["responses"].items()
        if status.startswith("2") and "application/json" in response.get("content", {})
    }


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer, without the alternatives for requests with the parameter `fields`. So items must
    have all required fields.
    """
    found: dict[str, Any] = json.loads(
        CHOSEN.sub(r"\1", json.dumps({**schema, "components": DOCUMENT["components"]}))
    )
    return found


def skip_while_recording() -> None:
    """Skip the test while answers are recorded: they are stored after the last test, and `make docs` then writes the
    contract from them.
    """
    if os.environ.get(VARIABLE):
        pytest.skip("The answers are being recorded.")


@pytest.fixture(autouse=True)
def stored_answers() -> None:
    """Skip every test of this module while the examples are incomplete."""
    skip_while_recording()


def test_examples_are_not_compared_while_they_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "yes")
    with pytest.raises(pytest.skip.Exception):
        skip_while_recording()


@pytest.mark.slow(seconds=1)
def test_every_answer_has_an_example_that_its_schema_permits() -> None:
    recorded = {(name, status) for name, found in answers().items() for status in found}
    assert recorded == documented().keys(), "record the answers again: tests/portal/api/recorded_answers.py"
    for (name, status), content in documented().items():
        (example,) = content["examples"].values()
        assert example["value"] == answers()[name][status], name
        check = Draft202012Validator(
            complete(content["schema"]), format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        found = [f"{one.json_path}: {one.message[:200]}" for one in check.iter_errors(example["value"])]
        assert found == [], name


def test_examples_have_items_and_no_secrets() -> None:
    for name, found in answers().items():
        for answer in found.values():
            assert answer.get("items") != [], name
            text = json.dumps(answer, ensure_ascii=False)
            assert not re.search(r"(whsec_|surety_[a-z]+_)[^…\"]{20}", text), name
            assert "testserver" not in text, name


@pytest.mark.slow(seconds=1)
def test_lists_answer_as_their_examples(world: World, api: Api) -> None:
    """The recorded answers of lists still have the fields that the lists return today."""
    client, checked = api("organization_administrator"), 0
    values = {
        "customer": world.home.slug,
        "organization": world.organization.slug,
        "framework": "cis-6.0.0",
    }
    for path, methods in DOCUMENT["paths"].items():
        if "get" not in methods or not values.keys() >= set(re.findall(r"{(\w+)}", path)):
            continue
        response = client.get(path.format(**values))
        name = operation_of(response.wsgi_request)
        if name in EMPTY_LISTS:
            assert response.json()["items"] == [], name
            continue
        assert shape(shortened(response.json())) == shape(answers()[name]["200"]), name
        checked += 1
    assert checked >= 30
