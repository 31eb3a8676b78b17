"""The stored properties of a scale set."""

from __future__ import annotations

from typing import Any

from assessments.estate.collections.vm import VM_SCALE_SETS
from assessments.estate.machines.scale_sets import without_secrets
from tests.for_each import for_each

EXTENSION = {
    "name": "run",
    "properties": {
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "settings": {"commandToExecute": "login --password hunter2"},
    },
}


def test_settings_of_extensions_and_user_data_are_not_kept() -> None:
    windows = {"additionalUnattendContent": [{"content": "<Password>hunter2</Password>"}], "timeZone": "UTC"}
    profile = {
        "extensionProfile": {"extensions": [EXTENSION]},
        "userData": "c2VjcmV0",
        "priority": "Regular",
        "osProfile": {"windowsConfiguration": windows},
    }
    found = without_secrets({"id": "a", "properties": {"virtualMachineProfile": profile, "x": 1}})
    kept = {
        "priority": "Regular",
        "osProfile": {"windowsConfiguration": {"timeZone": "UTC"}},
        "extensionProfile": {
            "extensions": [
                {"properties": {"publisher": "Microsoft.Azure.Extensions", "type": "CustomScript"}}
            ]
        },
    }
    assert found == {"id": "a", "properties": {"virtualMachineProfile": kept, "x": 1}}
    assert profile["extensionProfile"] == {"extensions": [EXTENSION]}
    assert VM_SCALE_SETS.prepare is without_secrets


@for_each("body", [{}, {"properties": 7}, {"properties": {}}, {"properties": {"virtualMachineProfile": "x"}}])
def test_other_documents_stay_as_they_are(body: dict[str, Any]) -> None:
    assert without_secrets(body) == body


@for_each(
    "profile, kept",
    [
        ("x", None),
        ({"extensions": "x"}, None),
        ({"extensions": ["x", {"properties": 7}]}, {"extensions": [{}, {}]}),
        ({}, {"extensions": []}),
    ],
)
def test_extensions_in_another_form_are_not_kept(profile: Any, kept: Any) -> None:
    found = without_secrets({"properties": {"virtualMachineProfile": {"extensionProfile": profile}}})
    assert found == {"properties": {"virtualMachineProfile": {"extensionProfile": kept}}}
