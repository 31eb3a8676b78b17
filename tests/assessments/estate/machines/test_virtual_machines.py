"""The stored properties of a virtual machine."""

from __future__ import annotations

from typing import Any

from assessments.estate.collections.vm import VIRTUAL_MACHINES, VM_EXTENSIONS
from assessments.estate.machines.virtual_machines import without_other_settings, without_scripts
from tests.for_each import for_each


def test_settings_of_extensions_and_the_unattended_setup_are_not_kept() -> None:
    settings = {"commandToExecute": "login --password hunter2"}
    extension = {"name": "run", "properties": {"publisher": "Microsoft.Compute", "settings": settings}}
    windows = {
        "enableAutomaticUpdates": True,
        "additionalUnattendContent": [
            {"settingName": "AutoLogon", "content": "<Password>hunter2</Password>"}
        ],
    }
    machine = {
        "id": "a",
        "resources": [extension, {"id": "b"}],
        "properties": {"osProfile": {"computerName": "a", "windowsConfiguration": windows}, "vmId": "c"},
    }
    assert VIRTUAL_MACHINES.prepare is without_scripts
    assert without_scripts(machine) == {
        "id": "a",
        "resources": [{"name": "run", "properties": {"publisher": "Microsoft.Compute"}}, {"id": "b"}],
        "properties": {
            "osProfile": {"computerName": "a", "windowsConfiguration": {"enableAutomaticUpdates": True}},
            "vmId": "c",
        },
    }
    assert extension["properties"]["settings"] is settings


@for_each(
    "body",
    [
        {},
        {"properties": 7, "resources": "x"},
        {"properties": {"osProfile": None}, "resources": [7, {"properties": 7}]},
        {"properties": {"osProfile": {"linuxConfiguration": {}}}},
        {"properties": {"osProfile": {"windowsConfiguration": "x"}}},
    ],
)
def test_other_documents_stay_as_they_are(body: dict[str, Any]) -> None:
    assert without_scripts(body) == body


def test_scripts_in_the_settings_of_an_extension_are_not_kept() -> None:
    read = {"RealtimeProtectionEnabled": "true", "Exclusions": {"Paths": "C:\\"}}
    settings = {**read, "script": "bG9naW4gLS1wYXNzd29yZCBodW50ZXIy", "arguments": "-key hunter2"}
    properties = {"publisher": "a", "type": "b", "provisioningState": "Succeeded"}
    extension = {
        "id": "c",
        "properties": {**properties, "settings": settings, "protectedSettings": {"a": "b"}},
    }
    assert VM_EXTENSIONS.prepare is without_other_settings
    assert without_other_settings(extension) == {"id": "c", "properties": {**properties, "settings": read}}


@for_each(
    ("body", "kept"),
    [
        ({}, {}),
        ({"properties": 7}, {"properties": 7}),
        ({"properties": {"type": "a"}}, {"properties": {"type": "a"}}),
        ({"properties": {"settings": None}}, {"properties": {}}),
        ({"properties": {"settings": "hunter2"}}, {"properties": {"settings": []}}),
    ],
)
def test_settings_of_other_types_are_kept_without_content(body: dict[str, Any], kept: dict[str, Any]) -> None:
    assert without_other_settings(body) == kept
