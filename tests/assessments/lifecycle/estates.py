"""An estate with a directory and a subscription, and functions that change it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.assessments.collect.azure import Line, directory, guid, subscription

FIRST, SECOND = guid(1), guid(2)
SCOPE = f"/subscriptions/{FIRST}"
GROUP = f"{SCOPE}/resourceGroups/rg-data"
ACCOUNTS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts"
HTTPS = "storage-secure-transfer"


def estate(*more: Line, first: Callable[[list[Any]], list[Any]] = lambda lines: lines) -> list[Line]:
    """Return the lines of a directory with one subscription. `first` changes the lines of the subscription, and `more`
    are further lines.
    """
    return [directory(), *first(deepcopy(subscription(FIRST))), *more]


def with_account(name: str, **properties: Any) -> Callable[[list[Any]], list[Any]]:
    def change(lines: list[Any]) -> list[Any]:
        for line in lines:
            if line["id"].endswith(f"/storageAccounts/{name}"):
                line["properties"].update(properties)
        return lines

    return change


def without(name: str) -> Callable[[list[Any]], list[Any]]:
    return lambda lines: [line for line in lines if f"/{name}" not in line["id"]]
