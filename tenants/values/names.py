"""Names of people, organizations, customers and directories, as people type them.

Names are written into mails, commands' output and logs as plain text. So a name is one line without control characters.
"""

import unicodedata

from tenants.errors import invalid
from tenants.values.visible_text import has_letter_or_digit, is_blank

MAX_NAME = 200
# Unicode categories that names may not contain: control characters, surrogates, line and paragraph separators.
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Characters that change the direction of the text after them, so that a name looks like another name.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(name: str, *, field: str = "name", missing: str = "Enter a name.", present: str = "") -> str:
    """Return the name with single spaces between its words, and none around it.

    Raise InvalidInput if it is empty, too long, more than one line, or without a letter or digit. The stored name
    `present` is accepted unchanged.
    """
    name = name.strip()
    if name and name == present:
        return name
    if is_blank(name) and not has_control_characters(name):
        raise invalid(field, missing, code="name_missing")
    if has_control_characters(name):
        raise invalid(
            field,
            "The name contains a line break or an invisible control character. Type the name on one line.",
            code="name_control_character",
        )
    cleaned = " ".join(name.split())
    require_letter_or_digit(cleaned, field=field)
    if len(cleaned) > MAX_NAME:
        raise invalid(field, f"Enter a name of up to {MAX_NAME} characters.", code="name_too_long")
    return cleaned


def require_letter_or_digit(name: str, *, field: str = "name", present: str = "") -> None:
    """Raise InvalidInput if a name has neither a letter nor a digit, unless it is the stored name `present`."""
    if name != present and not has_letter_or_digit(name):
        raise invalid(
            field,
            "The name has no letter or digit. Enter a name with at least one letter or digit.",
            code="name_without_letter",
        )


def has_control_characters(text: str) -> bool:
    """Return whether a text contains a line break or an invisible control character, which names may not contain."""
    return any(_is_refused(character) for character in text)


def printable_name(name: str) -> str:
    """Replace the characters that `clean_name` refuses by spaces, and shorten the name to the maximum.

    Use this for a name that nobody can correct now, such as a name from an identity provider.
    """
    text = "".join(" " if _is_refused(character) else character for character in name)
    return " ".join(text.split())[:MAX_NAME].strip()


def _is_refused(character: str) -> bool:
    return unicodedata.category(character) in _REFUSED or character in _DIRECTIONS
