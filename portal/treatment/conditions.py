"""Check the conditions of a rule and store them in its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.models import Finding
from portal.treatment.matching import FIELDS, is_empty
from portal.treatment.models import Matching
from tenants.errors import invalid

NO_CONDITION: Final = "Set at least one condition. A rule without conditions would match every finding."


def set_conditions(rule: Matching, conditions: Mapping[str, str]) -> None:
    """Set the conditions {column: value} of `rule`. Raises InvalidInput if a condition is invalid, or if no condition
    is given.
    """
    unknown = sorted(set(conditions) - set(FIELDS))
    if unknown:
        raise invalid("rule", f"Unknown condition {', '.join(unknown)}. Use {', '.join(FIELDS)}.")
    for name, value in conditions.items():
        cleaned = str(value or "").replace("\x00", "").strip()
        column: Any = rule._meta.get_field(name)
        if len(cleaned) > column.max_length:
            raise invalid(name, f"Use at most {column.max_length} characters.")
        setattr(rule, name, cleaned)
    if rule.tag_value and not rule.tag_name:
        raise invalid("tag_name", "Enter the tag’s name as well.")
    if rule.severity and rule.severity not in Finding.Severity.values:
        raise invalid("severity", f"Choose one of {', '.join(Finding.Severity.values)}.")
    if is_empty(rule):
        raise invalid("rule", NO_CONDITION)
