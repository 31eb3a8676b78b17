"""The schema of the settings of a customer."""

from __future__ import annotations

from assessments.actions.watch.settings import WORDS
from portal.configuration.schema.channels import channel
from portal.configuration.schema.controls import controls
from portal.configuration.schema.exclusion_rules import exclusion_rules
from portal.configuration.schema.owner_rules import owner_rule
from portal.configuration.schema.parameters import parameters, with_parameters
from portal.configuration.schema.parts import SECRET, Schema, days, mapping, text
from portal.configuration.schema.people import people
from portal.configuration.schema.reports import report_schedules
from portal.configuration.schema.retention import retention
from portal.configuration.schema.watch_rules import watch_rules
from portal.reports.kinds import KINDS as REPORT_KINDS
from portal.retention.kinds import CUSTOMER_KINDS
from portal.treatment.actions.owners.rules import MAX_RULES
from tenants.models.tenant import DUE_DAYS
from tenants.roles import ORGANIZATION_ROLES, Role


def customer() -> Schema:
    return mapping(
        {
            "short_name": text("The short name of a registered customer, as in the addresses of pages", 60),
            "name": text("Name of the customer", 200),
            "time_zone": text("IANA name, such as Europe/Berlin", 64),
            "labels": {"type": "array", "items": text("A label", 60), "maxItems": 100},
            "schedule": text("off, default, or a text such as Mon-Fri 02:00 within 120", 250),
            "watch": {
                "enum": list(WORDS.values()),
                "description": "Whether changes in the customer’s subscriptions and directories are watched between"
                " assessments. With the value `default`, the setting of the organization applies",
            },
            "policy": mapping(
                {
                    "exception_cap_days": days("Maximum length of an exception, in days"),
                    "due_days": mapping(
                        {severity: days(f"Days until a {severity} finding is due") for severity in DUE_DAYS},
                        required=tuple(DUE_DAYS),
                    ),
                }
            ),
            "retention": retention(CUSTOMER_KINDS, "How long the customer’s data is kept"),
            "parameters": {
                **mapping({slug: parameters(slug) for slug in sorted(with_parameters())}),
                "description": "Parameters of controls. A control that is not listed has the default parameters",
            },
            **controls(),
            "owner_rules": {
                "type": "array",
                "description": "The owner rules in the order in which they apply",
                "items": owner_rule(),
                "maxItems": MAX_RULES,
            },
            "exclusion_rules": exclusion_rules(),
            "watch_rules": watch_rules(),
            "channels": {"type": "array", "items": channel(), "maxItems": 50},
            "report_schedules": report_schedules({}, list(REPORT_KINDS)),
            "people": people([str(role) for role in Role if role not in ORGANIZATION_ROLES]),
            "credentials": {"const": SECRET, "description": "Credentials are never part of a file"},
        },
        required=("short_name",),
    )
