"""Record answers of the API in tests, as examples for the API contract (`portal/api/answer_examples.json`).

    SURETY_RECORD_ANSWERS=yes .venv/bin/python -m pytest tests/portal/api tests/portal/bulk_jobs && make docs

For each operation, the answer with the most values is stored. In a list, only the item with the most values is stored.
Ids and secrets are replaced, in the same way each time. An example is replaced only if its fields differ from those of
the recorded answer, so that another run changes little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from portal.api.contract_file import FILE
from portal.api.examples import ANSWERS

VARIABLE: Final = "SURETY_RECORD_ANSWERS"
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SECRETS: Final = re.compile(r"(whsec_|surety_[a-z]+_)[A-Za-z0-9+/=_-]+")
_MAX_ITEMS: Final = 1
_MAX_SIZE: Final = 6000
_LONG: Final = 4

type Answers = dict[str, dict[str, Any]]


@cache
def operations() -> list[tuple[str, re.Pattern[str], str]]:
    """Return (method, pattern of the path, name) of each operation."""
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return [
        (method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), operation["operationId"])
        for path, methods in sorted(paths.items(), key=lambda one: one[0].count("{"))
        for method, operation in methods.items()
    ]


def operation_of(request: HttpRequest) -> str:
    """Return the name of the request's operation, empty if there is none."""
    method = str(request.method).lower()
    found = (name for verb, path, name in operations() if verb == method and path.fullmatch(request.path))
    return next(found, "")


def note(found: Answers, request: HttpRequest, response: HttpResponseBase) -> None:
    """Add the answer to `found`, unless `found` has a fuller answer of the operation."""
    status, media_type = response.status_code, response.headers.get("Content-Type", "")
    if status not in (200, 201, 202) or media_type != "application/json" or request.GET.get("fields"):
        return
    name = operation_of(request)
    answer = shortened(json.loads(getattr(response, "content", b"")))
    earlier = found.setdefault(name, {}).get(str(status))
    if name and (earlier is None or _fullness(answer) > _fullness(earlier)):
        found[name][str(status)] = answer


def shortened(answer: Any) -> Any:
    """Return the answer. If it is a list, keep only the item with the most values."""
    if isinstance(answer, dict) and isinstance(answer.get("items"), list):
        kept = sorted(answer["items"], key=_fullness, reverse=True)[:_MAX_ITEMS]
        paging = {"next": None, "next_cursor": None} if "next" in answer else {}
        return {**answer, "items": kept, **paging}
    return answer


def stored(found: Answers) -> str:
    """Return the text of the file with these answers."""
    kept = json.loads(ANSWERS.read_text(encoding="utf-8"))
    # Keep examples that no test records any more. test_answer_examples.py finds examples that are not in the contract.
    for name in sorted(filter(None, found)):
        for status, answer in found[name].items():
            earlier = kept.get(name, {}).get(status)
            if earlier is None or shape(earlier) != shape(answer):
                kept.setdefault(name, {})[status] = _replaced(answer, name)
    return json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def shape(answer: Any) -> Any:
    """Return the names of the fields of an answer, and those of the first item of a page."""
    if not isinstance(answer, dict):
        return type(answer).__name__
    items = answer.get("items")
    return sorted(answer), shape(items[0]) if isinstance(items, list) and items else None


def _fullness(answer: Any) -> tuple[bool, int]:
    """Return a sort key that is larger for answers with more values, and smallest for very long answers."""
    size = len(json.dumps(answer))
    return size <= _MAX_SIZE, sum(1 for value in _values(answer) if value not in (None, "", [], {}))


def _values(answer: Any) -> Iterator[Any]:
    if isinstance(answer, dict):
        for value in answer.values():
            yield from _values(value)
    elif isinstance(answer, list):
        for value in answer[:_LONG]:
            yield from _values(value)
    else:
        yield answer


def _replaced(answer: Any, name: str) -> Any:
    """Replace ids by other ids, and hide secrets and the address of the test server."""
    text = json.dumps(answer, ensure_ascii=False)
    ids: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        number = len(ids) + 1
        return ids.setdefault(match[0], str(UUID(int=0x0199C1F2_7B4E_7D3A_9C55_3F0E8B1A2D00 + number)))

    text = _SECRETS.sub(r"\1…", _UUID.sub(other, text))
    text = text.replace("http://testserver", "https://surety.example.com")
    return json.loads(text)
