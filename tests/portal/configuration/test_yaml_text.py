"""Reading YAML: limits, refused files, and texts that YAML 1.1 would misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.pipeline_commands import Notation, break_commands
from portal.configuration import yaml_text
from portal.configuration.problems import UnusableFile
from portal.configuration.yaml_text import read, write
from tests.pipeline_agents import HOSTILE, commands
from tests.processor_time import at_most

BOMB = b"a: &a [x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 9))
    for letter in range(ord("b"), ord("j"))
)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (BOMB, 1, "Anchors"),
        (b"a: 1\nb: *x", 2, "Aliases"),
        (b"a: !!python/object/apply:os.system ['id']", 1, "Tags"),
        (b"a: !secret x", 1, "Tags"),
        (b"a: 1\n<<: {b: 2}", 2, "merge key"),
        (b"a: 1\nb: 2\na: 3", 3, "is already in line 1"),
        (b"[" * 20, 1, "levels deep"),
        (b"[" * 50_000, 1, "nesting depth"),
        (b"a: 1\n---\nb: 2", 2, "second document"),
        (b"a: [1\nb: 2", 2, "not valid YAML"),
        (b"a:\n\t- b", 2, "not valid YAML"),
        (b"? [a, b]\n: c", 1, "must be a word"),
        (b"a: 1\nb: \xff", 2, "UTF-8"),
        ("a: 1".encode("utf-16"), 1, "UTF-8"),
        (b"a: 1\nb: \x01", 2, "not valid YAML"),
        (b'a: "b\\0c"', 1, "cannot be stored"),
        (b'a: "\\ud800"', 1, "not valid YAML"),
        (b"", 0, "empty"),
        (b"# only a comment", 0, "empty"),
        (b"a: " + b"x" * 6000, 1, "characters"),
        (b"a:\n" + b"  - 1\n" * 100_001, 99_999, "values"),
        (b"x" * (yaml_text.MAX_BYTES + 1), 0, "larger"),
    ],
)
def test_refusals_name_the_line(content: bytes, line: int, words: str) -> None:
    with pytest.raises(UnusableFile) as raised:
        read(content)
    (problem,) = raised.value.problems
    assert words in problem.message
    assert problem.line == line


def test_a_file_of_tag_directives_is_refused_at_once() -> None:
    """libyaml compares each directive with all earlier ones: a file of 1 MB would stop the process for a minute."""
    directives = b"".join(b"%%TAG !t%d! !\n" % number for number in range(60_000))
    with at_most(1), pytest.raises(UnusableFile, match="Tags are not allowed"):
        read(b"# a file\n" + directives + b"--- {a: 1}\n")


def test_a_text_may_contain_a_directive() -> None:
    assert read(b"%TAG !a! !\n---\na: the line %TAG").data == {"a": "the line %TAG"}


def test_plain_texts_stay_texts() -> None:
    found = read(
        b"a: no\nb: 02:00\nc: 2027-03-31\nd: 0o14\ne: 012\nf: 12\ng: true\nh: ~\ni: '5'\nj: 1.5"
    ).data
    assert found == {
        "a": "no",
        "b": "02:00",
        "c": "2027-03-31",
        "d": "0o14",
        "e": "012",
        "f": 12,
        "g": True,
        "h": None,
        "i": "5",
        "j": 1.5,
    }


def test_lines_of_keys_and_entries() -> None:
    found = read(b"a:\n  - b: 1\n    c: 2\n  - b: 3\n")
    assert found.line(("a", 0, "c")) == 3
    assert found.line(("a", 1)) == 4
    assert found.line(("a", 1, "missing")) == 4


_scalars = st.one_of(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), st.booleans())


@pytest.mark.slow(seconds=1)
@given(st.dictionaries(st.text("abc_", min_size=1, max_size=8), st.lists(_scalars, max_size=4), min_size=1))
def test_what_is_written_is_read_again(data: dict[str, list[object]]) -> None:
    assert read(write(data, heading="A heading\nof two lines").encode()).data == data


def test_printed_texts_are_not_commands_of_pipelines() -> None:
    data = {"names": [*HOSTILE, f"{'word ' * 19}::error::x", "a long name:: " * 20], HOSTILE[0]: "x"}
    printed = break_commands(write(data, heading=HOSTILE[1]), Notation.JSON)
    assert commands(printed) == []
    assert read(printed.encode()).data == data
