"""Make texts safe for a terminal and for XML: names in Azure and texts of people can contain any characters."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with unprintable characters in Python's notation, such as `\\x1b` for escape.

    Names in Azure can contain characters that a terminal would obey as commands.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


def lines_visible(text: str) -> str:
    """Return the text with unprintable characters in Python's notation. Line breaks stay, for example those between the
    commands of a fix.
    """
    return "\n".join(visible(line.rstrip("\r")) for line in text.split("\n"))
