"""The schema of ticket systems and of the rules that open tickets."""

from __future__ import annotations

from assessments.models import Finding
from portal.configuration.schema.parts import SECRET, Schema, control, mapping, text
from portal.tickets.actions.rules import MAX_LABELS, MAX_RULES
from portal.tickets.actions.systems import MAX_SYSTEMS, MAX_VALUE
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import TicketRule


def ticket_systems() -> Schema:
    names = sorted({one.name for kind in CONNECTORS.values() for one in kind.inputs if not one.secret})
    item = mapping(
        {
            "name": text("Name of the system", 120),
            "kind": {"enum": list(CONNECTORS)},
            "address": text("Base address of the system’s API", 300),
            "project": {
                "type": "string",
                "maxLength": 200,
                "description": "Default project: Surety opens the tickets of a customer there if the customer has no"
                " project of its own. Without a default project, these customers get no tickets",
            },
            "values": {
                **mapping({name: text("A value that is not secret", MAX_VALUE) for name in names}),
                "description": "Values that this kind of ticket system needs. Values that are not listed do not"
                " change",
            },
            "customers": {
                "type": "object",
                "description": "Projects of customers, by short name of the customer. A customer with an empty text"
                " gets no tickets. A customer that is not listed gets the default project of the ticket system."
                " If the key “customers” is missing, no project changes",
                "additionalProperties": {"type": "string", "maxLength": 200},
            },
            "enabled": {"type": "boolean", "default": True},
            "credentials": {"const": SECRET, "description": "Credentials are never part of a file"},
        },
        required=("name", "kind", "address"),
    )
    return {"type": "array", "items": item, "maxItems": MAX_SYSTEMS}


def ticket_rules() -> Schema:
    item = mapping(
        {
            "name": text("Name of the rule", 120),
            "system": text("Name of the ticket system", 120),
            "per": {"enum": list(TicketRule.Per.values), "default": str(TicketRule.Per.CONTROL)},
            "severities": {"type": "array", "items": {"enum": list(Finding.Severity.values)}},
            "controls": {"type": "array", "items": control()},
            "labels": {
                "type": "array",
                "description": "The rule applies only to customers with one of these labels",
                "items": text("A label", 60),
                "maxItems": MAX_LABELS,
            },
            "customers": {
                "type": "array",
                "description": "Short names of the customers to which the rule applies. Without this key, the rule"
                " applies to all customers",
                "items": text("A short name", 60),
                "minItems": 1,
            },
            "enabled": {"type": "boolean", "default": True},
        },
        required=("name", "system"),
    )
    return {
        "type": "array",
        "description": "Rules that open tickets for findings. If several rules of the same ticket system match a"
        " finding, the oldest rule applies",
        "items": item,
        "maxItems": MAX_RULES,
    }
