"""Reasons and names without a visible character are refused like empty ones, and names need a letter or a digit."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.notify.actions.channels import clean_channel_name
from portal.offboarding.erasures.checks import checked_reason
from portal.reports.records.revocation import _checked
from portal.retention.actions.holds import _reason
from portal.treatment.actions._text import clean_text, clean_title
from portal.treatment.actions.exceptions.request import valid_reason
from tenants.actions.exclusion_rules import _line
from tenants.errors import InvalidInput
from tenants.values.names import clean_name
from tenants.values.visible_text import has_letter_or_digit, is_blank, without_reordering

REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
BLANK = [
    "",
    " \n",
    "\u200b",
    "\u2060\ufeff",
    "\u3164",
    "\u2800",
    "\u00ad",
    "\ufe0f",
    "\u115f\u1160",
    "\U000e0041",
    "\U0001d159",  # MUSICAL SYMBOL NULL NOTEHEAD
    "\U00016fe4",  # KHITAN SMALL SCRIPT FILLER
    "\U000e0100",  # VARIATION SELECTOR-17
    "\U00013441\U00013442",  # EGYPTIAN HIEROGLYPH FULL BLANK and HALF BLANK
    "\u0300",  # a combining mark without a letter
    "\u0488\u093e",
    "\u2065\ufff0",  # unassigned, but with the property Default_Ignorable_Code_Point
    "\u200b\U00016fe4 \u0300\u3164",
]
NAMES: list[Callable[[str], object]] = [
    clean_name,
    clean_channel_name,
    lambda text: clean_title(text, 500),
]
CHECKS: list[Callable[[str], object]] = [
    *NAMES,
    checked_reason,
    _checked,
    _reason,
    lambda text: clean_text("reason", text, 500, required=True),
    lambda text: valid_reason("reason", f"{text} {text} {text} {text}"),
    lambda text: _line("reason", text, 500, "Enter a reason."),
]


@cache
def characters() -> list[str]:
    """Return all characters except surrogates, characters for private use, and unassigned characters."""
    every = map(chr, range(sys.maxunicode + 1))
    return [one for one in every if unicodedata.category(one) not in ("Cs", "Co", "Cn")]


@pytest.mark.parametrize("text", BLANK)
def test_blank_texts_are_refused(text: str) -> None:
    assert is_blank(text)
    for check in CHECKS:
        with pytest.raises(InvalidInput):
            check(text)


@pytest.mark.parametrize(
    "text", ["a", "\u0645\u06cc\u200c\u062e", "0", "-", "\U0001f469\u200d\U0001f4bb", "\u0915", "e\u0301"]
)
def test_visible_texts_are_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.slow(seconds=1)
def test_only_visible_letters_digits_punctuation_and_symbols_are_visible() -> None:
    visible = {one for one in characters() if not is_blank(one)}
    assert {unicodedata.category(one)[0] for one in visible} == set("LNPS")
    # If a letter, digit or sign is invisible, its name contains one of these words.
    words = ("FILLER", "BLANK", "NULL NOTEHEAD", "PLANE SPACE", "REPLACEMENT CHARACTER")
    for one in characters():
        if unicodedata.category(one)[0] in "LNPS" and one not in visible:
            assert any(word in unicodedata.name(one) for word in words), unicodedata.name(one)
    assert {one for one in characters() if has_letter_or_digit(one)} == {
        one for one in visible if unicodedata.category(one)[0] in "LN"
    }


# `deferred` computes the characters when the test runs, not when pytest collects it.
invisible = st.text(
    st.deferred(lambda: st.sampled_from([one for one in characters() if is_blank(one)])), max_size=30
)


@pytest.mark.slow(seconds=1)
@settings(max_examples=50)
@given(invisible, invisible, st.sampled_from(["a", "9", "\u0416", "\u6f22", "\u0661"]))
def test_a_text_is_blank_until_it_has_a_visible_character(before: str, after: str, letter: str) -> None:
    assert is_blank(before + after)
    assert not has_letter_or_digit(before + after)
    assert not is_blank(before + letter + after)
    assert has_letter_or_digit(before + letter + after)


@pytest.mark.parametrize("text", ["-", "...", "\u2605", "\U0001f469\u200d\U0001f4bb", "\u0300\u2014"])
def test_names_need_a_letter_or_digit(text: str) -> None:
    for check in NAMES:
        with pytest.raises(InvalidInput):
            check(text)


@pytest.mark.parametrize("text", ["Export\x1b[31m", "Export \u202etropxE", "Export\u2066"])
def test_names_have_no_characters_that_hide_or_reorder_text(text: str) -> None:
    for check in NAMES:
        with pytest.raises(InvalidInput):
            check(text)
    assert clean_title(text, 500, present=text) == text


@pytest.mark.parametrize("text", ["\u2605", "\U00016fe4", "-"])
def test_stored_names_are_accepted_unchanged(text: str) -> None:
    assert clean_name(text, present=text) == text
    assert clean_title(text, 500, present=text) == text
    assert clean_channel_name(text, present=text) == text
    for check in NAMES:
        with pytest.raises(InvalidInput):
            check(text)


def test_only_characters_that_reorder_text_are_replaced() -> None:
    embedding = [
        chr(code) for code in range(sys.maxunicode) if unicodedata.bidirectional(chr(code)) in REORDERING
    ]
    assert len(embedding) == 9
    assert without_reordering("".join(embedding)) == "\ufffd" * 9
    kept = "Größe שלום مرحبا \u200e\u200f 👩\u200d💻\n"
    assert without_reordering(kept) == kept
