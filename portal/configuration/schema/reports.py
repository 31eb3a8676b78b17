"""The schema of report schedules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessments.frameworks.framework import NAMES as FRAMEWORKS
from portal.configuration.schema.parts import Schema, mapping, text
from portal.distribution.actions.schedules import MAX_NAME, MAX_SCHEDULES
from portal.distribution.recipients import MAX_ADDRESSES, MAX_PEOPLE
from portal.distribution.timetable import EXAMPLES
from portal.reports.create import MAX_CLASSIFICATION
from portal.reports.kinds import DEFAULT_KIND
from portal.reports.models.report import DEFAULT_FRAMEWORK
from tenants.models import Language, Paper


def report_schedules(more: Mapping[str, Schema], kinds: Iterable[str]) -> Schema:
    """Return the schema of a list of report schedules for these kinds of reports. `more` has the schemas of further
    keys of a schedule.
    """
    item = mapping(
        {
            "name": text("Name of the schedule", MAX_NAME),
            "when": text(f"Timetable of the reports, such as {', '.join(EXAMPLES)}", 100),
            "kind": {"enum": list(kinds), "default": DEFAULT_KIND},
            "framework": {"enum": list(FRAMEWORKS), "default": DEFAULT_FRAMEWORK},
            "paper": {
                "enum": list(Paper.values),
                "description": "Paper size of the reports; by default, the paper size of the organization",
            },
            "language": {
                "enum": list(Language.values),
                "description": "Language of the reports; by default, the language of the organization",
            },
            "classification": text("Printed on each page", MAX_CLASSIFICATION),
            "without_names": {"type": "boolean", "default": False},
            "recipients": {
                "type": "array",
                "description": "Email addresses of the recipients. A recipient does not need an account",
                "items": text("An address", 254),
                "minItems": 1,
                "maxItems": MAX_PEOPLE + MAX_ADDRESSES,
            },
            "enabled": {"type": "boolean", "default": True},
            **more,
        },
        required=("name", "when", "recipients"),
    )
    return {"type": "array", "items": item, "maxItems": MAX_SCHEDULES}
