"""Names are one line of text without control characters."""

from __future__ import annotations

import pytest

from tenants.errors import InvalidInput
from tenants.values.names import MAX_NAME, clean_name, printable_name

# A non-joiner and a joiner are part of Persian and Indic names, and of emoji.
ALLOWED = [
    "Ada Lovelace",
    "O\u2019Brien",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "Ada \U0001f469\u200d\U0001f4bb",
]


@pytest.mark.parametrize("name", ALLOWED)
def test_names_of_every_script_stay(name: str) -> None:
    assert clean_name(name) == name == printable_name(name)


def test_spaces_are_joined() -> None:
    assert clean_name("  Ada \u3000 Lovelace ") == "Ada Lovelace"


@pytest.mark.parametrize(
    "mark", ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"]
)
def test_control_characters(mark: str) -> None:
    with pytest.raises(InvalidInput, match="on one line"):
        clean_name(f"Ada{mark}Lovelace")
    assert printable_name(f"Ada{mark}Lovelace{mark}") == "Ada Lovelace"


@pytest.mark.parametrize(("name", "words"), [(" \n ", "Enter a name"), ("a" * (MAX_NAME + 1), "up to 200")])
def test_empty_and_long_names(name: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        clean_name(name)
