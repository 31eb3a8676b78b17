"""Names are one line of text without control characters."""

from __future__ import annotations

import pytest

from tenants.errors import InvalidInput
from tenants.values.names import MAX_NAME, clean_name, printable_name

# Persian and Indic names contain the invisible characters ZWNJ and ZWJ, and emoji contain ZWJ.
ALLOWED = [
    "Ada Lovelace",
    "O\u2019Brien",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Ada \U0001f469\u200d\U0001f4bb",
]


@pytest.mark.parametrize("name", ALLOWED)
def test_names_of_every_script_do_not_change(name: str) -> None:
    assert clean_name(name) == name == printable_name(name)


def test_several_spaces_become_one() -> None:
    assert clean_name("  Ada \u3000 Lovelace ") == "Ada Lovelace"


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"]
)
def test_names_with_control_characters_are_refused_or_made_printable(mark: str) -> None:
    with pytest.raises(InvalidInput, match="on one line"):
        clean_name(f"Ada{mark}Lovelace")
    assert printable_name(f"Ada{mark}Lovelace{mark}") == "Ada Lovelace"


@pytest.mark.parametrize(("name", "words"), [(" \n ", "Enter a name"), ("a" * (MAX_NAME + 1), "up to 200")])
def test_empty_and_long_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        clean_name(name)
