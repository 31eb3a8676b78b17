"""JSON files are read value by value, with the same result as if they were read at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scan_files import json_values
from assessments.scan_files.defender import _documents
from assessments.scan_files.json_values import Damaged, JSONReader, TooLong
from tenants.errors import InvalidInput

NUMBERS = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(st.none() | st.booleans() | NUMBERS | st.text(max_size=8), st.lists, max_leaves=5)
PAGES = st.lists(VALUES.filter(lambda one: not isinstance(one, dict)), max_size=20)


@pytest.fixture(params=[(2, 8, 40), (2048, 32 * 1024, 256 * 1024)], ids=["short", "long"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(json_values, "_PIECES", request.param)
    return request.param


@pytest.mark.slow(seconds=1)
@given(values=PAGES, comma=st.sampled_from([",", " ,\n\t"]))
def test_a_long_page_has_the_same_entries(values: list[Any], comma: str) -> None:
    page = {"count": 1, "value": values, "note": "x"}
    for whole, expected in ((page, values), ([page, page], values * 2)):
        text = f" {json.dumps(whole, separators=(comma, ': '))} "
        with pytest.MonkeyPatch.context() as patched:
            longest = max((len(json.dumps(one, separators=(comma, ": "))) for one in values), default=0)
            patched.setattr(json_values, "_PIECES", (2, max(longest, 8) + 4))
            assert list(_documents(JSONReader(text))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "[1,]", "[1 2]", "[1]]", "[1] x", '{"value": [1}', '{"value": [1]', '{"value" [1]}', '{1: [1]}',
        '{"value": [1],}', '{"value": [1,,2]}', '{"value": [01]}', "[nul]",
    ],
)  # fmt: skip
def test_damaged_files_are_refused(text: str, pieces: tuple[int, ...]) -> None:
    with pytest.raises((Damaged, TooLong)):
        list(_documents(JSONReader(text)))


def test_a_number_at_the_end_of_a_piece_is_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(3, 9):
        monkeypatch.setattr(json_values, "_PIECES", (size, 16))
        assert list(_documents(JSONReader("[12345678, 1.5e+3, 12,-1E2 ]"))) == [12345678, 1500.0, 12, -100.0]


def test_the_link_to_the_next_page_is_found_after_a_long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "_PIECES", (2, 16))
    text = f'{{"value": {list(range(40))}, "nextLink": "https://x"}}'
    with pytest.raises(InvalidInput, match="last page of the list is missing"):
        list(_documents(JSONReader(text)))
    last = '{"value": [40]}'
    assert list(_documents(JSONReader(f"[{text}, {last}]"))) == list(range(41))
    assert list(_documents(JSONReader(f"[{last}, {text}]"))) == [40, *range(40)]


@pytest.mark.parametrize("sizes", [(1024,), (2, 16)])
def test_a_list_without_its_last_page_is_refused(
    sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the list were accepted, machines could pass although their vulnerabilities are on the missing page."""
    monkeypatch.setattr(json_values, "_PIECES", sizes)
    pages = ", ".join(
        f'{{"value": {list(range(40))}, "nextLink": "https://x/{number}"}}' for number in range(2)
    )
    with pytest.raises(InvalidInput, match="last page of the list is missing"):
        list(_documents(JSONReader(f"[{pages}]")))


@pytest.mark.parametrize("text", ['"' + "x" * 60 + '"', '{"value": ["' + "x" * 60 + '"]}', "[[" + "1," * 60])
def test_long_values_are_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_values, "_PIECES", (2, 16))
    with pytest.raises(TooLong):
        list(_documents(JSONReader(text)))
