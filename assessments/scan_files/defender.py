"""Read results of Defender for Cloud. The files contain answers of `Microsoft.Security/subAssessments` (api-version
2019-01-01-preview) as JSON.

https://learn.microsoft.com/rest/api/defenderforcloud/sub-assessments/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assessments.scan_files.facts import Hosts, Scanner, refused
from assessments.scan_files.json_values import Damaged, JSONReader, TooLong
from assessments.scan_files.tables import Finding, add_finding
from tenants.errors import InvalidInput

SCANNER: Final = Scanner.DEFENDER
MAX_SIGNS: Final = 3_000_000
"""Maximum number of braces, brackets and commas in JSON. The limit protects the memory, because a small value takes
many times its length in memory.
"""

MAX_MEMBERS: Final = 20
"""Maximum number of members in the JSON object of a page that is longer than `json_values.MAX_VALUE`. Such a page is
read member by member. Azure writes only two members, `value` and `nextLink`.
"""


def read_json(text: str, hosts: Hosts) -> Scanner:
    """Add the machines and results of a JSON file to `hosts`. The file contains one answer, a list of answers (pages),
    or a list of sub-assessments.
    """
    if sum(map(text.count, "{[,")) > MAX_SIGNS:
        raise refused(
            "The JSON has too many values. Save the list of each subscription as a file of its own."
        )
    try:
        for document in _documents(JSONReader(text)):
            add_finding(hosts, _finding(document))
    except Damaged:
        raise refused(
            "The file is not complete JSON. Save the whole answer of Azure, and upload it."
        ) from None
    except TooLong:
        raise refused(
            "The file is not complete JSON, or has a longer entry than Azure writes. Save the whole answer of Azure"
            " without changing it."
        ) from None
    return SCANNER


@dataclass(slots=True)
class _Pages:
    """Counts the pages that are read. `is_continued` is true if each page so far has a link to a next page."""

    number: int = 0
    is_continued: bool = True

    def add(self, next_link: Any) -> None:
        """Count a page with this link to the next page. The last page of a list has no link."""
        self.number += 1
        self.is_continued = self.is_continued and bool(next_link)


def _documents(reader: JSONReader) -> Iterator[Any]:
    """Yield the sub-assessments of all pages, each as soon as it is read. Raise InvalidInput if the last page of the
    list is missing.
    """
    pages = _Pages()
    if reader.next_sign() == "[":
        for _ in reader.items("[", "]"):
            yield from _page(reader, pages)
    else:
        yield from _page(reader, pages)
    reader.require_end()
    if pages.number and pages.is_continued:
        raise _without_last_page()


def _page(reader: JSONReader, pages: _Pages) -> Iterator[Any]:
    """Yield the sub-assessments of a page, or the value itself if it is not a page."""
    try:
        page = reader.value()
    except TooLong:
        if reader.next_sign() != "{":
            raise
        yield from _long_page(reader, pages)
        return
    if isinstance(page, Mapping) and isinstance(page.get("value"), list):
        pages.add(page.get("nextLink"))
        yield from page["value"]
    else:
        yield page


def _long_page(reader: JSONReader, pages: _Pages) -> Iterator[Any]:
    has_value, next_link = False, None
    for number, _ in enumerate(reader.items("{", "}"), 1):
        if number > MAX_MEMBERS:
            raise TooLong
        name = reader.name()
        if name == "value" and reader.next_sign() == "[":
            has_value = True
            for _ in reader.items("[", "]"):
                yield reader.value()
        else:
            value = reader.value()
            next_link = value if name == "nextLink" else next_link
    if not has_value:
        raise TooLong
    pages.add(next_link)


def _without_last_page() -> InvalidInput:
    return refused(
        "The last page of the list is missing: each page in the file has a nextLink. Save the other pages too, and"
        " upload all of them as one list: [page, page]."
    )


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
