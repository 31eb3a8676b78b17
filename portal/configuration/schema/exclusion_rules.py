"""The schema of exclusion rules."""

from __future__ import annotations

from portal.configuration.schema.parts import Schema, mapping, text
from tenants.actions.exclusion_rules import MAX_GROUP, MAX_NAME, MAX_RULES, MAX_TAG
from tenants.actions.subscriptions import MAX_REASON_LENGTH


def exclusion_rules() -> Schema:
    item = mapping(
        {
            "name": text("Name of the rule", MAX_NAME),
            "management_group": text("ID of a management group above the subscriptions", MAX_GROUP),
            "tag": text("Tag of the subscriptions, as name=value", MAX_TAG),
            "reason": text("Why these subscriptions are not assessed", MAX_REASON_LENGTH),
            "until": text(
                "End of the rule, such as 2027-03-31 (the last day) or 2027-03-31T18:00:00Z. Without this key,"
                " the rule has no end",
                40,
            ),
        },
        required=("name", "reason"),
    )
    return {
        "type": "array",
        "description": "Rules that exclude subscriptions below a management group, subscriptions with a tag, or"
        " subscriptions that meet both conditions",
        "items": item,
        "maxItems": MAX_RULES,
    }
