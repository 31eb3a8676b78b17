"""The schema of two settings of a customer: the controls to which the customer is held, and the rules that change
severities. For example, a rule can make failures more severe if public networks can reach the resource.
"""

from __future__ import annotations

from typing import Final

from assessments.actions.profiles import (
    CONDITIONS,
    MAX_REASON,
    MAX_SEVERITY_RULES,
    MAX_TAG,
    MAX_TAG_VALUES,
)
from assessments.controls.profiles import OWN, profiles
from assessments.controls.registry import catalogue
from portal.configuration.schema.parts import Schema, mapping, text

MAX_SWITCHED_OFF: Final = 1000
"""The maximum number of controls that a file can switch off for one customer."""


def controls() -> dict[str, Schema]:
    """Return the keys about controls and severities that a file can have for a customer, each with its schema."""
    return {
        "profile": {
            "enum": [*profiles(), OWN],
            "description": "The profile of controls that applies to the customer",
        },
        "profile_controls": {
            "type": "array",
            "description": f"The controls of the profile {OWN}",
            "items": {"enum": sorted(catalogue())},
            "maxItems": len(catalogue()),
        },
        "switched_off": {
            "type": "array",
            "description": "Controls that are not judged for the customer",
            "items": mapping(
                {
                    "control": text("The slug of a control", 80),
                    "reason": text(
                        "The reason why the control does not apply to the customer. Reports show this reason",
                        MAX_REASON,
                    ),
                },
                required=("control", "reason"),
            ),
            "maxItems": MAX_SWITCHED_OFF,
        },
        "severity_rules": {
            "type": "array",
            "description": "Rules that change the severity of failures by one level",
            "items": mapping(
                {
                    "when": {
                        "enum": list(CONDITIONS),
                        "description": "internet: public networks can reach the resource; secrets: the resource"
                        " holds secrets; tag: the resource has a tag",
                    },
                    "step": {"enum": [1, -1], "description": "1: more severe; -1: less severe"},
                    "tag": text("The name of the tag, if `when` is `tag`", MAX_TAG),
                    "values": {
                        "type": "array",
                        "description": "Matching values of the tag. Without this key, any value matches",
                        "items": text("A value", MAX_TAG),
                        "maxItems": MAX_TAG_VALUES,
                    },
                },
                required=("when", "step"),
            ),
            "maxItems": MAX_SEVERITY_RULES,
        },
    }
