"""What is kept of a virtual machine."""

from __future__ import annotations

from typing import Any

from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.machines.virtual_machines import without_scripts
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
