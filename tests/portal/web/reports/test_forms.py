"""The forms of the pages of reports."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from portal.web.reports.forms import HashField

HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "text",
    [
        HASH,
        f" {HASH.upper()}\n",
        ":".join(HASH[at : at + 2] for at in range(0, 64, 2)),
        " ".join(HASH[at : at + 8] for at in range(0, 64, 8)),
        f"{HASH}  contoso-2026-11.pdf",
        f"{HASH} *report of November.pdf",
    ],
)
def test_a_hash_is_accepted_as_tools_print_it(text: str) -> None:
    assert HashField().clean(text) == HASH


@pytest.mark.parametrize("text", ["12", HASH + "0", "x" * 64, f"report.pdf {HASH}"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="Enter the 64 hexadecimal digits"):
        HashField().clean(text)
