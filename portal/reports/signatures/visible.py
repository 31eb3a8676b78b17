"""Make the control characters in a text visible. A signer or another person may have chosen the text, and control
characters can harm a terminal.
"""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with every unprintable character in Python's notation, such as `\\x1b` for escape.

    Unprintable characters are control characters (line breaks too), characters that change the direction of writing,
    and every kind of space except the usual space.
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
