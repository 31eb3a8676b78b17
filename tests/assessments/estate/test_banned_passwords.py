"""The stored properties of the list of banned passwords."""

from __future__ import annotations

from typing import Any

from assessments.estate.banned_passwords import without_banned_passwords
from assessments.estate.collections.directory import GROUP_SETTINGS
from tests.for_each import for_each


def test_banned_words_are_not_kept() -> None:
    check = {"name": "EnableBannedPasswordCheck", "value": "True"}
    settings = {"id": "a", "values": [check, {"name": "BannedPasswordList", "value": "contoso\thunter2"}]}
    assert GROUP_SETTINGS.prepare is without_banned_passwords
    assert without_banned_passwords(settings) == {
        "id": "a",
        "values": [check, {"name": "BannedPasswordList", "value": "[redacted]"}],
    }


@for_each(
    "body",
    [
        {},
        {"values": 7},
        {"values": [7, {}, {"name": 7, "value": "x"}]},
        {"values": [{"name": "BannedPasswordList", "value": " "}, {"name": "BannedPasswordList"}]},
    ],
)
def test_other_documents_stay_as_they_are(body: dict[str, Any]) -> None:
    assert without_banned_passwords(body) == body
