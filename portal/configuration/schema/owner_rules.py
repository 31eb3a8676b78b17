"""The schema of owner rules."""

from __future__ import annotations

from assessments.controls.registry import SECTIONS
from assessments.models import Finding
from portal.configuration.schema.parts import Schema, control, mapping, text


def owner_rule() -> Schema:
    return mapping(
        {
            "name": text("Name of the rule", 120),
            "owner": text("Email address of the owner", 254),
            "enabled": {"type": "boolean", "default": True},
            "control": control(),
            "section": {"enum": sorted(SECTIONS)},
            "severity": {"enum": list(Finding.Severity.values)},
            "unit": text("/subscriptions/<id> or directory:<id>", 60),
            "resource_group": text("Pattern of the name of a resource group, with * and ?", 200),
            "resource_pattern": text("Pattern of the full resource id, with * and ?", 500),
            "tag_name": text("Name of a tag", 512),
            "tag_value": text("Value of the tag. Without this key, any value matches", 256),
        },
        required=("name", "owner"),
    )
