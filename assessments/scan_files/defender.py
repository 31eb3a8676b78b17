"""Read results of Defender for Cloud: answers of `Microsoft.Security/subAssessments` (api-version 2019-01-01-preview)
as JSON.

https://learn.microsoft.com/rest/api/defenderforcloud/sub-assessments/list
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from assessments.scan_files.facts import Hosts, Scanner, refused
from assessments.scan_files.tables import Finding, add_finding

SCANNER: Final = Scanner.DEFENDER
MAX_SIGNS: Final = 3_000_000
"""Maximum number of braces, brackets and commas in JSON. Small values take many times their length in memory."""


def read_json(text: str, hosts: Hosts) -> Scanner:
    """Add the machines and results of a JSON file to `hosts`. The file contains one answer, a list of answers (pages),
    or a list of sub-assessments.
    """
    if sum(map(text.count, "{[,")) > MAX_SIGNS:
        raise refused("The JSON has too many values. Save the pages of the list as several files.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise refused(
            "The file is not complete JSON. Save the whole answer of Azure, and upload it."
        ) from None
    pages = content if isinstance(content, list) else [content]
    if isinstance(content, dict) and content.get("nextLink"):
        raise refused(
            "This is one page of a longer list, because it has a nextLink. Save the other pages too, and upload all of"
            " them as one list: [page, page]."
        )
    for page in pages:
        for document in _documents(page):
            add_finding(hosts, _finding(document))
    return SCANNER


def _documents(page: Any) -> Iterable[Any]:
    if isinstance(page, Mapping) and isinstance(page.get("value"), list):
        return list(page["value"])
    return [page]


def _finding(document: Any) -> Finding:
    properties = document.get("properties") if isinstance(document, Mapping) else None
    identifier = document.get("id") if isinstance(document, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(identifier, str):
        raise refused(
            "The JSON is not an answer of Microsoft.Security/subAssessments: an entry has no id or no properties. Save"
            " the answer of Azure without changing it."
        )
    status, details = _object(properties, "status"), _object(properties, "resourceDetails")
    return Finding(
        resource_id=_text(details, "id") or identifier,
        key=_text(properties, "id"),
        title=_text(properties, "displayName"),
        status=_text(status, "code"),
        severity=_text(status, "severity"),
        generated=_text(properties, "timeGenerated"),
        published=_text(_object(properties, "additionalData"), "publishedTime"),
    )


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
