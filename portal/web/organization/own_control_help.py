"""Explain the fields and conditions that the definition of an own control can have. The form shows these
explanations.
"""

from __future__ import annotations

from typing import Final

FIELDS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("control",),
        "own-, the short name of the organization, and further words with hyphens. A name cannot be used again.",
    ),
    (("title", "problem"), "What should hold, and how failures are named"),
    (("severity",), "critical, high, medium or low"),
    (("why",), "Why it matters"),
    (("expected",), "A passing resource in words; without it, the title"),
    (
        ("subjects",),
        "The kind of resource, such as storage_accounts. If the name is wrong, the error lists all kinds.",
    ),
    (("applies_when",), "A condition. If it is false, the control is not applicable."),
    (("pass_when",), "A condition. If it is true, the resource passes; if it is false, it fails."),
    (("fix",), "How failures are fixed, without variables in braces"),
    (("references",), "Addresses or texts"),
    (
        ("cases",),
        "Examples: name, document and the verdict that is right. At least one must pass and one must fail.",
    ),
)
CONDITIONS: Final[tuple[tuple[str, str], ...]] = (
    ("equals: value", "The property is this text, number, true or false"),
    ("in: [value, value]", "The property is one of these values"),
    ("exists: true", "The property exists and is not null. With false, the property is absent or null"),
    ('matches: "pattern"', "The whole text matches the pattern"),
    (
        "at_least, at_most, more_than, less_than",
        "The property is a number that is at least, at most, more than or less than this number",
    ),
    ("any: {condition}", "The condition is true for some item of the list"),
    ("all: {condition}", "The condition is true for each item of the list, or the list is empty"),
)
