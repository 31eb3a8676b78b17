"""Patterns give the results of Python's `re`, in linear time."""

from __future__ import annotations

import random
import re

import pytest

from assessments.own.patterns import MAX_LENGTH, MAX_TEXT, InvalidPattern, Pattern
from tests.for_each import for_each
from tests.processor_time import at_most


def random_pattern(source: random.Random, depth: int = 0) -> str:
    choice = source.random()
    if depth > 3 or choice < 0.35:
        return source.choice(
            ["a", "b", ".", "[ab]", "[^a]", "\\d", "\\w", "c", "^", "$", "[a-c1]", "\\W", "[^\\d]"]
        )
    if choice < 0.55:
        return random_pattern(source, depth + 1) + random_pattern(source, depth + 1)
    inner = random_pattern(source, depth + 1)
    if choice < 0.7:
        return f"({inner}|{random_pattern(source, depth + 1)})"
    return f"({inner}){source.choice(['*', '+', '?', '{2}', '{1,3}', '{0,}'])}"


@pytest.mark.slow(seconds=1)
def test_results_are_those_of_re() -> None:
    source = random.Random(20)
    matched = 0
    for _ in range(1500):
        text = random_pattern(source)
        ours = Pattern(text)
        # `$` of `re` also matches before a line feed at the end of the text. `$` of `Pattern` does not.
        theirs = re.compile(text.replace("$", r"\Z"), re.IGNORECASE | re.DOTALL | re.ASCII)
        for _ in range(5):
            word = "".join(source.choice("abcA1 ") for _ in range(source.randint(0, 6)))
            assert ours.fits(word) == bool(theirs.fullmatch(word)), (text, word)
            assert ours.occurs_in(word) == bool(theirs.search(word)), (text, word)
            matched += ours.fits(word)
    assert matched > 100


def test_patterns_that_take_re_exponential_time_take_linear_time() -> None:
    with at_most(5):
        assert not Pattern("(a*)*(a|aa)*b").fits("a" * MAX_TEXT)
        assert not Pattern("(.*a){20}").fits("a" * (MAX_TEXT - 1) + "b")


def test_nested_repetitions_of_nothing_are_built_in_linear_time() -> None:
    """Each of 19 levels repeats the level inside it 100 times. The limit on the steps of a pattern does not refuse such
    a pattern, because an empty text has no steps.
    """
    with at_most(5):
        for inside in ("", "a{0}", "(?:)b{0}", "|"):
            text = "(" * 19 + inside + "){100}" * 19
            assert Pattern(text).fits(""), text
            assert not Pattern(text).fits("a"), text
        assert Pattern("x(a{0}){5}(b|a{0}){2}y").fits("xby")


def test_many_empty_alternatives_take_no_time_for_each_character() -> None:
    pattern, spent = Pattern("(" + "|" * 150 + "|a{0}){100}b"), 0

    def spend(work: int) -> None:
        nonlocal spent
        spent += work

    with at_most(5):
        assert not pattern.occurs_in("a" * MAX_TEXT, spend)
    assert spent < 1_000_000


@pytest.mark.slow(seconds=1)
def test_stored_steps_take_little_memory() -> None:
    """Without a limit on the cache, a pattern with many states would occupy megabytes in each process."""
    pattern, source = Pattern("(.{100}){4}z"), random.Random(7)
    for _ in range(20):
        pattern.occurs_in("".join(source.choice("abcdefghij") for _ in range(400)))
    assert sum(len(now) + len(found) for (now, _), found in pattern._steps.items()) <= 10_000
    assert pattern.occurs_in("a" * 400 + "Z")


@for_each(
    "text, word",
    [
        ("(?=a)", "(?"),
        ("(a)\\1", "not supported"),
        ("a**", "another repetition"),
        ("*a", "nothing to repeat"),
        ("(a", "no “)”"),
        ("a)", "without “(”"),
        ("[a", "no “]”"),
        ("[z-a]", "smaller character"),
        ("a{101}", "between 0 and 100"),
        ("a{3,1}", "between 0 and 100"),
        ("a{x}", "repetition is"),
        ("((((a{99}){99}){99}){99})", "too large"),
        ("(" * 30 + "a" + ")" * 30, "nested"),
        ("a" * (MAX_LENGTH + 1), "more than 200"),
        ("\\", "not supported"),
    ],
)
def test_unsupported_patterns_are_refused_with_the_reason(text: str, word: str) -> None:
    with pytest.raises(InvalidPattern, match=re.escape(word)):
        Pattern(text)


def test_letters_are_compared_without_regard_to_case() -> None:
    assert Pattern("[A-Z]+-PROD\\.example").fits("web-prod.EXAMPLE")
    assert not Pattern("prod").fits("production")
    assert Pattern("prod").occurs_in("my-PRODuction")
