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
    (("title", "problem"), "What should be true (title), and the name of a failure (problem)"),
    (("severity",), "critical, high, medium or low"),
    (("why",), "Why it matters"),
    (("expected",), "How a passing resource looks. Without this key, the title is used"),
    (
        ("subjects",),
        "The kind of resource, such as storage_accounts. If the name is wrong, the error message lists all kinds.",
    ),
    (
        ("applies_when",),
        (
            "A condition. If the condition is false for a resource, the control is not applicable to the"
            " resource."
        ),
    ),
    (
        ("pass_when",),
        (
            "A condition. If the condition is true for a resource, the resource passes. Otherwise, the"
            " resource fails."
        ),
    ),
    (("fix",), "How people fix a failure. Do not use braces: this text cannot contain variables"),
    (("references",), "Addresses or texts"),
    (
        ("cases",),
        (
            "Examples, each with a name, a document and the verdict that is right for it. At least one example must"
            " pass, and at least one must fail."
        ),
    ),
)
CONDITIONS: Final[tuple[tuple[str, str], ...]] = (
    ("equals: value", "The property equals this text, number, true or false"),
    ("in: [value, value]", "The property is one of these values"),
    (
        "exists: true",
        "With true, the property must exist and not be null. With false, the property must be absent or null",
    ),
    ('matches: "pattern"', "The whole text matches the pattern"),
    (
        "at_least, at_most, more_than, less_than",
        "The property is a number that is at least, at most, more than or less than this number",
    ),
    ("any: {condition}", "The condition is true for at least one item of the list"),
    ("all: {condition}", "The condition is true for each item of the list, or the list is empty"),
)
