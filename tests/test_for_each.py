"""`for_each` checks every case, and a failure names all cases that fail."""

from __future__ import annotations

import inspect

import pytest

from tests.for_each import for_each


def errors_of(check, names, cases, ids=None, **fixtures) -> BaseExceptionGroup:
    with pytest.raises(BaseExceptionGroup) as caught:
        for_each(names, cases, ids=ids)(check)(**fixtures)
    return caught.value


def test_all_failures_are_shown_with_their_names() -> None:
    def check(number: int, word: str) -> None:
        seen.append(word)
        assert number < 2
        if word == "two":
            raise ValueError("no such word")

    seen: list[str] = []
    group = errors_of(check, "number, word", [(1, "one"), (1, "two"), (2, "three"), (0, "four")])
    assert seen == ["one", "two", "three", "four"]
    assert group.message == "2 of 4 cases failed: 1-two, 2-three"
    first, second = group.exceptions
    assert isinstance(first, ValueError)
    assert isinstance(second, AssertionError)
    assert (first.__notes__, second.__notes__) == (["Case: 1-two"], ["Case: 2-three"])


def test_a_case_that_raises_nothing_where_an_error_is_expected_fails() -> None:
    def check(word: str) -> None:
        with pytest.raises(ValueError, match=word):
            raise ValueError("a")

    def raise_nothing(word: str) -> None:
        with pytest.raises(ValueError, match=word):
            pass

    for_each("word", ["a"])(check)()
    group = errors_of(raise_nothing, "word", ["a", "b"])
    assert group.message == "2 of 2 cases failed: a, b"


def test_a_test_without_a_case_fails() -> None:
    with pytest.raises(AssertionError, match="no case"):
        for_each("word", [])(lambda word: None)()


def test_a_mark_of_a_single_case_is_refused() -> None:
    with pytest.raises(ValueError, match="parametrize"):
        for_each("word", [pytest.param("a", marks=pytest.mark.slow)])


def test_every_case_has_a_name_of_its_own() -> None:
    def check(case: object) -> None:
        raise AssertionError

    def message(cases, ids=None) -> str:
        return errors_of(check, "case", cases, ids).message.partition(": ")[2]

    assert message([{"a": 1}, {"a": 2}]) == "case0, case1"
    assert message(["a", "a", int, None]) == "a, a (1), int, None"
    assert message([pytest.param("a", id="first"), "b"], ["one", "two"]) == "first, two"
    assert message([1, 2], lambda value: f"<{value}>") == "<1>, <2>"


def test_fixtures_are_given_to_each_case(tmp_path) -> None:
    def check(word: str, tmp_path) -> None:
        seen.append((word, tmp_path))

    seen: list[tuple[str, object]] = []
    test = for_each("word", ["a", "b"])(check)
    assert list(inspect.signature(test).parameters) == ["tmp_path"]
    test(tmp_path=tmp_path)
    assert seen == [("a", tmp_path), ("b", tmp_path)]


@pytest.mark.slow(seconds=2)
@for_each(("one", "two"), [(1, 2), (2, 3)])
def test_pytest_runs_it_with_fixtures(one: int, tmp_path, two: int) -> None:
    assert tmp_path.is_dir()
    assert two == one + 1
