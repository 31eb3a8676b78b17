"""The list of banned passwords in the settings of a directory. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.estate.redact import REDACTED

_LIST: Final = "bannedpasswordlist"


def without_banned_passwords(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a group of settings without the words that the directory bans in passwords.

    Controls read only whether the list is empty. The words can be passwords that people use or have used.
    https://learn.microsoft.com/graph/group-directory-settings
    """
    values = body.get("values")
    return {**body, "values": [_without_words(one) for one in values]} if isinstance(values, list) else body


def _without_words(setting: Any) -> Any:
    if not isinstance(setting, Mapping) or str(setting.get("name")).casefold() != _LIST:
        return setting
    words = setting.get("value")
    return {**setting, "value": REDACTED} if isinstance(words, str) and words.strip() else setting
