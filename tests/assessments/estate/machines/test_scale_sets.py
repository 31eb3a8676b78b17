"""What is kept of a scale set."""

from __future__ import annotations

from typing import Any

from assessments.estate.collections.vm import VM_SCALE_SETS
from assessments.estate.machines.scale_sets import without_extensions
from tests.for_each import for_each

EXTENSION = {"name": "run", "properties": {"settings": {"commandToExecute": "login --password hunter2"}}}


def test_extensions_and_user_data_are_not_kept() -> None:
    windows = {"additionalUnattendContent": [{"content": "<Password>hunter2</Password>"}], "timeZone": "UTC"}
    profile = {
        "extensionProfile": {"extensions": [EXTENSION]},
        "userData": "c2VjcmV0",
        "priority": "Regular",
        "osProfile": {"windowsConfiguration": windows},
    }
    found = without_extensions({"id": "a", "properties": {"virtualMachineProfile": profile, "x": 1}})
    kept = {"priority": "Regular", "osProfile": {"windowsConfiguration": {"timeZone": "UTC"}}}
    assert found == {"id": "a", "properties": {"virtualMachineProfile": kept, "x": 1}}
    assert "extensionProfile" in profile
    assert VM_SCALE_SETS.prepare is without_extensions


@for_each("body", [{}, {"properties": 7}, {"properties": {}}, {"properties": {"virtualMachineProfile": "x"}}])
def test_other_documents_stay_as_they_are(body: dict[str, Any]) -> None:
    assert without_extensions(body) == body
