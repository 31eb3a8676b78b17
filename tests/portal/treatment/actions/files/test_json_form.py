"""Recognizing JSON without building its values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.treatment.actions.files import json_form
from portal.treatment.actions.files.json_form import MAX_DEPTH, is_json
from tests.processor_time import at_most

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _read_by_python(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


@pytest.mark.slow(seconds=2)
@settings(max_examples=40)
@given(VALUES, st.sampled_from((None, 1)), st.booleans())
def test_what_python_writes_is_json(value: object, indent: int | None, plain: bool) -> None:
    assert is_json(json.dumps(value, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass"))


@given(st.text('[]{}:,"\\/bu0129.-+eE tnrufalsINy\n\x01é', max_size=12))
def test_other_texts_are_judged_as_python_judges_them(text: str) -> None:
    assert is_json(text.encode()) is _read_by_python(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        b"", b" ", b"[", b"]", b"[1", b"[1,]", b"[,1]", b"[1 2]", b"{", b"{}}", b"{1: 2}", b'{"a"}', b'{"a": }',
        b'{"a": 1,}', b'{"a": 1]', b"[1}", b"01", b"1.", b".5", b"+1", b"-", b"1 2", b"tru", b"'a'", b'"a', b'"\n"',
        b'"\\x"', b'"\\u12"', b"[1]x", b"\xef\xbb\xbf", b"nul", b"1e", b":", b",",
    ],
)  # fmt: skip
def test_damaged_json_is_refused(content: bytes) -> None:
    assert not is_json(content)
    assert not _read_by_python(content)


def test_a_byte_order_mark_and_spaces_are_accepted() -> None:
    assert is_json(b'\xef\xbb\xbf \r\n\t{"a" : [ ] , "b":-0.5e+3} \n')


def test_the_depth_is_limited() -> None:
    assert is_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert not is_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    "content",
    [
        b'"' + b"x" * 10**7,
        b"1" * 10**7 + b"x",
        b" " * 10**7,
        b'"' + b"\\u0041" * 10**6,
        b"0." + b"1" * 10**7 + b"e",
    ],
    ids=["text", "number", "spaces", "escapes", "fraction"],
)
def test_long_damaged_values_are_refused_at_once(content: bytes) -> None:
    with at_most(1):
        assert not is_json(content)


def test_other_threads_run_while_a_large_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of `re` keeps the other threads waiting, so one call reads only one token."""
    lengths: list[int] = []
    after = json_form._after

    def measured(found: Any, following: Any, ends: Any) -> Any:
        lengths.append(len(found[0]))
        return after(found, following, ends)

    monkeypatch.setattr(json_form, "_after", measured)
    assert is_json(b"[" + b",".join(b'{"%04d": 1.5}' % number for number in range(1000)) + b"]")
    assert max(lengths) < 10
