"""Diagnostic settings of the services of storage accounts."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.logging.cases_key_vaults import category, group, setting
from tests.assessments.controls.storage.cases_storage import ID, NO_LIST, NONE, account, one

ALL = {"params": {"services": "blob; Queue;table"}}
BLOB = {"params": {"services": "blob"}}
EVERY = (category("StorageRead"), category("storagewrite"), category("StorageDelete"))
SERVICES = tuple(f"{ID}/{name}Services/default" for name in ("blob", "queue", "table"))


def logged(
    blob: Any = (), queue: Any = (), table: Any = (), kind: str = "StorageV2", sku: str = "Standard_LRS"
) -> dict[str, Any]:
    """An account, with these diagnostic settings of its services."""
    body = {**account(kind), "sku": {"name": sku}}
    held = dict(zip(SERVICES, (list(blob), list(queue), list(table)), strict=True))
    return {**one(body), "storage_log_settings": held}


def blob(*settings: Any, **more: Any) -> dict[str, Any]:
    return logged(settings, **more)


GROUPS = [setting(group("allLogs"))]

CASES = rows(
    "storage-service-logging",
    ("off", one(account()), {SUB: "not_applicable"}, {"reason": "is off"}),
    ("off, and the list is forbidden", {}, {SUB: "unknown"}, NO_LIST[3]),
    ("all services", logged(GROUPS, GROUPS, GROUPS), {ID: "pass"}, ALL),
    (
        "one service lacks its log",
        logged(GROUPS, [], GROUPS),
        {ID: "fail"},
        {**ALL, "reason": "Not every service"},
    ),
    ("that service is not judged", logged(GROUPS, [], GROUPS), {ID: "pass"}, BLOB),
    ("the categories", blob(setting(*EVERY)), {ID: "pass"}, BLOB),
    ("two settings", blob(setting(*EVERY[:1]), setting(*EVERY[1:], name="two")), {ID: "pass"}, BLOB),
    ("one category is off", blob(setting(*EVERY[:2], category("StorageDelete", False))), {ID: "fail"}, BLOB),
    ("no destination", blob(setting(*EVERY, to="")), {ID: "fail"}, BLOB),
    ("none", blob(), {ID: "fail"}, BLOB),
    (
        "a group of unknown content",
        blob(setting(group("audit"))),
        {ID: "unknown"},
        {**BLOB, "reason": "category group “audit”"},
    ),
    ("a new group", blob(setting(group("moon"))), {ID: "unknown"}, BLOB),
    ("enabled is text", blob(setting(category("StorageRead", "yes"))), {ID: "unknown"}, BLOB),
    (
        "one service is unclear, one lacks its log",
        logged([setting(group("moon"))], [], GROUPS),
        {ID: "fail"},
        ALL,
    ),
    (
        "one service could not be read",
        {**one(account()), "storage_log_settings": {SERVICES[0]: GROUPS}},
        {ID: "unknown"},
        {**ALL, "gaps": [gap("storage_log_settings", SERVICES[1])]},
    ),
    ("only blobs exist", blob(*GROUPS, kind="BlobStorage"), {ID: "pass"}, ALL),
    ("a premium account", blob(*GROUPS, sku="Premium_LRS"), {ID: "pass"}, ALL),
    ("no queue", blob(kind="BlockBlobStorage"), {ID: "not_applicable"}, {"params": {"services": "queue"}}),
    ("only files", blob(kind="FileStorage"), {ID: "not_applicable"}, ALL),
    ("a new kind", blob(*GROUPS, kind="Moon"), {ID: "unknown"}, ALL),
    ("a new SKU", blob(*GROUPS, sku="Moon_LRS"), {ID: "unknown"}, ALL),
    (*NO_LIST[:3], {**NO_LIST[3], **ALL}),
    (*NONE[:3], ALL),
)
OFFICIAL_VERDICTS = """
storage-service-logging not_applicable: unit  # off until a person names services
"""
