"""Every form of the pages has an operation of the API, or a reason why it has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from portal.api.contract_file import FILE
from tests.portal.api.page_actions import OPERATIONS, WITHOUT

_READS = ({"GET"}, {"GET", "HEAD"})


def _patterns(found: list[Any]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns)
        else:
            yield one


def _only_reads(view: Callable[..., Any] | None) -> bool:
    """Return whether a decorator limits the view to reading (`require_safe`)."""
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            value = cell.cell_contents
            if isinstance(value, (list, tuple)) and set(value) in _READS:
                return True
        view = getattr(view, "__wrapped__", None)
    return False


def forms() -> set[str]:
    """Return the names of the pages that accept a form."""
    found = {
        one.name: one.callback
        for one in _patterns(get_resolver().url_patterns)
        if one.name and not one.name.startswith("api-")
    }
    return {name for name, view in found.items() if not _only_reads(view)}


def test_every_form_has_operations_or_a_reason() -> None:
    without = [name for names in WITHOUT.values() for name in names]
    assert len(without) == len(set(without)), "a page has two reasons"
    assert not OPERATIONS.keys() & set(without)
    found = forms()
    assert len(found) > 150
    known = OPERATIONS.keys() | set(without)
    assert found - known == set(), "add each page to tests/portal/api/page_actions.py"
    assert known - found == set(), "remove pages that no longer exist"


def test_operations_exist() -> None:
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    operations = {
        one["operationId"]: (method, one) for path in paths.values() for method, one in path.items()
    }
    for page, names in OPERATIONS.items():
        for name in names.split():
            assert name in operations, page
        assert any(operations[name][0] == "post" for name in names.split()) or page == "registration-check", (
            page
        )


def test_operations_that_change_something_belong_to_a_page() -> None:
    """No operation is for programs only. A new operation that changes something must be assigned to a page."""
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    changing = {path["post"]["operationId"] for path in paths.values() if "post" in path}
    used = {name for names in OPERATIONS.values() for name in names.split()}
    assert changing - used == set()
