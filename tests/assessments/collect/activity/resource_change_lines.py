"""Lines of an estate file with changes of one storage account, as Azure Resource Graph records them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.arm import change_table
from tests.assessments.collect import azure

SUBSCRIPTION = azure.guid(1)
ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-data/providers/Microsoft.Storage/storageAccounts/aplain"
)


def change_line(number: int, at: datetime, actor: str = "anna@contoso.com") -> Any:
    found = change_table.change_of(
        {"id": ACCOUNT, "type": "Microsoft.Storage/storageAccounts", "properties": {"a": number}},
        {"id": ACCOUNT, "type": "Microsoft.Storage/storageAccounts", "properties": {"a": number + 1}},
        actor=actor,
        is_application=False,
        operation="Microsoft.Storage/storageAccounts/write",
        at=at,
        correlation_id=azure.guid(900 + number),
        guid=azure.guid(500 + number),
    )
    assert found is not None
    return found
