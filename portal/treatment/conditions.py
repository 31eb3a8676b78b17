"""Check the conditions of a rule and store them in its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assessments.controls.registry import SECTIONS, known_controls
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
        raise invalid(
            "rule", f"Unknown condition {', '.join(unknown)}. The conditions are {', '.join(FIELDS)}."
        )
    for name, value in conditions.items():
        setattr(rule, name, clean_condition(value))
    check_conditions(rule)
    if is_empty(rule):
        raise invalid("rule", NO_CONDITION)


def clean_condition(value: str) -> str:
    """Return a condition as it is stored: without spaces around it, and with U+FFFD in place of NUL."""
    return str(value or "").replace("\x00", "\ufffd").strip()


def check_conditions(rule: Matching) -> None:
    """Raise InvalidInput with the field if a condition is invalid in every tenant, such as an unknown control.

    Whether a tenant has the subscription is not checked.
    """
    for name in FIELDS:
        column: Any = rule._meta.get_field(name)
        if len(getattr(rule, name)) > column.max_length:
            raise invalid(name, f"Use at most {column.max_length} characters.")
    if rule.control and rule.control not in known_controls():
        raise invalid("control", f"There is no control “{rule.control}”. Choose one from the catalogue.")
    if rule.section and rule.section not in SECTIONS:
        raise invalid("section", f"There is no section “{rule.section}”. Choose one from the list.")
    if rule.severity and rule.severity not in Finding.Severity.values:
        raise invalid("severity", f"There is no severity “{rule.severity}”. Choose one from the list.")
    if rule.tag_value and not rule.tag_name:
        raise invalid("tag_name", "Enter the tag’s name as well.")
