"""Templates of the sentences that own controls write (`assessments.own`)."""

from __future__ import annotations

from typing import Final

TEMPLATES: Final = (
    "Not met: {condition}",
    "This version of Surety does not read {collection}. Change the control",
    "Property {path} is absent",
    "Property {path} is not an object",
    "Property {path} is a secret, which Surety does not store",
    "Property {path} is not a list of objects",
    "Property {path} is not a list",
    "Property {path} has more than {number} items",
    "Property {path} is not true or false",
    "Property {path} is not text",
    "Property {path} has more than {number} characters",
    "Property {path} is not a number",
    "Property {path} takes too many steps to judge",
)
