"""The definition and the parameters of a logic app are not stored."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.estate.services.logic_apps import TRIGGER_TYPES, without_definition


def workflow(definition: Any) -> dict[str, Any]:
    return {
        "id": "/workflows/logic1",
        "name": "logic1",
        "properties": {
            "state": "Enabled",
            "accessControl": {"triggers": {"allowedCallerIpAddresses": []}},
            "parameters": {"key": {"value": "clear text"}},
            "accessEndpoint": "https://prod-1.logic.azure.com/workflows/1",
            "definition": definition,
        },
    }


@pytest.mark.parametrize(
    ("definition", "types"),
    [
        ({"triggers": {"manual": {"type": "Request", "inputs": {"schema": {}}}}}, ["Request"]),
        ({"triggers": {"a": {"type": "Recurrence"}, "b": {}}}, ["Recurrence", None]),
        ({"triggers": {"a": "Request"}}, [None]),
        ({"actions": {}}, []),
        ({"triggers": None}, None),
    ],
)
def test_only_the_types_of_triggers_are_kept(definition: Any, types: Any) -> None:
    kept = without_definition(workflow(definition))
    assert kept["properties"] == {
        "state": "Enabled",
        "accessControl": {"triggers": {"allowedCallerIpAddresses": []}},
        TRIGGER_TYPES: types,
    }
    assert without_definition(kept) == kept


def test_without_a_definition_the_types_are_unknown() -> None:
    assert TRIGGER_TYPES not in without_definition(workflow(None))["properties"]
