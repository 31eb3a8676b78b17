"""The stored properties of the run-time status of a virtual machine."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.estate.collection import Collection
from assessments.estate.collections.vm import VM_INSTANCE_VIEWS, VM_STATUSES
from assessments.estate.machines.instance_views import only_instance_view
from tests.for_each import for_each


@pytest.mark.parametrize("collection", [VM_STATUSES, VM_INSTANCE_VIEWS], ids=lambda one: one.name)
def test_what_scripts_printed_is_not_kept(collection: Collection) -> None:
    printed = {"code": "ComponentStatus/StdOut/succeeded", "message": "admin hunter2"}
    view = {"statuses": [{"code": "PowerState/running"}], "vmAgent": {}, "patchStatus": {}}
    extension = {"name": "run", "statuses": [printed], "substatuses": [printed]}
    machine = {"id": "a", "properties": {"instanceView": {**view, "extensions": [extension]}, "vmId": "b"}}
    assert collection.prepare is not None
    assert collection.prepare(machine) == {"id": "a", "properties": {"instanceView": view}}


@for_each("body", [{}, {"id": "a", "properties": {}}, {"properties": {"instanceView": 7}}])
def test_other_documents_stay_as_they_are(body: dict[str, Any]) -> None:
    assert only_instance_view(body) == body
