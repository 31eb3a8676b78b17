"""Conditions as somebody gives them, into the columns of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.models import Finding
from portal.treatment.matching import FIELDS, is_empty
from portal.treatment.models import Matching
from tenants.errors import invalid


def set_conditions(rule: Matching, given: Mapping[str, str]) -> None:
    """Put {column: value} into `rule`. InvalidInput for one that cannot be, and where none is left."""
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise invalid("rule", f"A rule has no condition {', '.join(unknown)}. It has {', '.join(FIELDS)}.")
    for name, value in given.items():
        cleaned = str(value or "").replace("\x00", "").strip()
        column: Any = rule._meta.get_field(name)
        if len(cleaned) > column.max_length:
            raise invalid(name, f"Use at most {column.max_length} characters.")
        setattr(rule, name, cleaned)
    if rule.tag_value and not rule.tag_name:
        raise invalid("tag_name", "Name the tag whose value this is.")
    if rule.severity and rule.severity not in Finding.Severity.values:
        raise invalid("severity", f"Choose one of {', '.join(Finding.Severity.values)}.")
    if is_empty(rule):
        raise invalid("rule", "Set at least one condition: without any it would mean every finding.")
