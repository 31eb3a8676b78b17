"""Reasons and names that nobody can see are refused as empty ones are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.leaving.erasures import checked_reason
from portal.reports.revocation import _checked
from portal.retention.actions.holds import _reason
from portal.treatment.actions._text import clean_text
from portal.treatment.actions.exceptions.request import valid_reason
from tenants.actions.exclusion_rules import _line
from tenants.errors import InvalidInput
from tenants.names import clean_name
from tenants.visible_text import is_blank

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
]
CHECKS: list[Callable[[str], object]] = [
    clean_name,
    checked_reason,
    _checked,
    _reason,
    lambda text: clean_text("reason", text, 500, required=True),
    lambda text: valid_reason("reason", f"{text} {text} {text} {text}"),
    lambda text: _line("reason", text, 500, "Enter a reason."),
]


@pytest.mark.parametrize("text", BLANK)
def test_blank_texts(text: str) -> None:
    assert is_blank(text)
    for check in CHECKS:
        with pytest.raises(InvalidInput):
            check(text)


@pytest.mark.parametrize(
    "text", ["a", "\u0645\u06cc\u200c\u062e", "0", "-", "\U0001f469\u200d\U0001f4bb", "\u0915"]
)
def test_visible_texts(text: str) -> None:
    assert not is_blank(text)
