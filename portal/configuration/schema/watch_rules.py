"""The schema of watch rules."""

from __future__ import annotations

from typing import Final

from assessments.models import Finding
from portal.changes.actions.rules import LISTS, MAX_NAME, MAX_PATTERNS, MAX_RULES
from portal.changes.hours import DAYS
from portal.changes.models import ResourceChange
from portal.changes.models.rule import MAX_PATTERN
from portal.changes.shipped import SHIPPED
from portal.configuration.schema.parts import Schema, mapping, text

_HELP: Final = {
    "types": "Resource types, such as microsoft.network/*",
    "units": "Subscriptions, as /subscriptions/<id>",
    "groups": "Resource groups",
    "properties": "Changed properties, such as properties.securityRules*",
    "operations": "Operations, such as microsoft.authorization/locks/*",
    "actors": "User names, or ids of applications",
    "except_actors": "Changes by these actors are not caught. A change that another actor may also have made is still"
    " caught",
}


def watch_rules() -> Schema:
    def several(description: str, items: Schema, most: int) -> Schema:
        return {"type": "array", "description": description, "items": items, "maxItems": most}

    globs = {
        name: several(_HELP[name], text("A text. * and ? are wildcards", MAX_PATTERN), MAX_PATTERNS)
        for name in LISTS
        if name != "kinds"
    }
    kinds = list(ResourceChange.Kind.values)
    item = mapping(
        {
            "name": text("Name of an own rule", MAX_NAME),
            "shipped": {"enum": list(SHIPPED), "description": "Key of a rule that Surety ships"},
            "enabled": {"type": "boolean", "default": True},
            "severity": {"enum": list(Finding.Severity.values)},
            "kinds": several("Kinds of changes. Without this key, all kinds", {"enum": kinds}, len(kinds)),
            **globs,
            "tag_name": text("Name of a tag of the resource", 512),
            "tag_value": text("Value of the tag. Without this key, any value matches", 256),
            "hours": text("Hours in the customer’s time zone, such as 18:00-07:00", 11),
            "days": several(
                "Weekdays from 1 (Monday) to 7 (Sunday). Without this key, all days",
                {"enum": list(DAYS)},
                len(DAYS),
            ),
            "worsened": {
                "type": "boolean",
                "description": "Catch only changes after which a finding began to fail",
            },
            "unapproved": {
                "type": "boolean",
                "description": "Catch only changes that leave the resource different from its approved configuration",
            },
        }
    )
    return {
        "type": "array",
        "description": (
            "The customer's own watch rules, and the shipped watch rules with changed settings. Shipped rules that"
            " are not listed get their default settings"
        ),
        "items": item,
        "maxItems": MAX_RULES + len(SHIPPED),
    }
