"""The schema of paper, language, links and branding of reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from portal.configuration.schema.parts import Schema
from portal.reports.branding.actions import MAX_CONTACT, MAX_COVER_TEXT, MAX_LABELS, MAX_NAME
from portal.reports.branding.colours import DEFAULT_ACCENT
from tenants.actions.organizations import MAX_REPORT_LINK_DAYS
from tenants.models import Language, Paper


def _text(description: str, maximum: int) -> Schema:
    return {"type": "string", "description": description, "maxLength": maximum}


_BRANDINGS: Final = {
    "type": "array",
    "description": "The branding of reports. Each label of customers can have a branding of its own. Logos are not"
    " part of a file: upload them on the page Report branding",
    "maxItems": MAX_LABELS + 1,
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "label": _text(
                "The branding applies to customers with this label. Without this key, the branding applies to all"
                " customers that no other branding applies to",
                60,
            ),
            "name": _text("Name on the cover", MAX_NAME),
            "contact": _text("Contact for questions about the report", MAX_CONTACT),
            "cover_text": _text("A paragraph on the cover", MAX_COVER_TEXT),
            "accent": _text(f"Accent colour, such as {DEFAULT_ACCENT}", 7),
        },
    },
}


REPORT_SETTINGS: Final[Mapping[str, Schema]] = {
    "report_paper": {"enum": list(Paper.values), "description": "Default paper of new reports"},
    "report_language": {
        "enum": list(Language.values),
        "description": "Default language of the pages of new reports",
    },
    "report_link_days": {
        "type": "integer",
        "minimum": 0,
        "maximum": MAX_REPORT_LINK_DAYS,
        "description": "Longest validity of links to reports, in days. With 0, all links stop working",
    },
    "report_branding": _BRANDINGS,
}
