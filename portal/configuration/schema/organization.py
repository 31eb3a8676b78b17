"""The schema of the settings of an organization."""

from __future__ import annotations

from portal.configuration.schema.parts import Schema, mapping, text
from portal.configuration.schema.people import people
from portal.configuration.schema.report_settings import REPORT_SETTINGS
from portal.configuration.schema.reports import report_schedules
from portal.configuration.schema.retention import retention
from portal.configuration.schema.tickets import ticket_rules, ticket_systems
from portal.distribution.models import PORTFOLIO
from portal.reports.kinds import KINDS as REPORT_KINDS
from portal.retention.kinds import KINDS as KINDS_OF_DATA
from tenants.roles import ORGANIZATION_ROLES


def organization() -> Schema:
    """Return the schema of the settings of an organization."""
    return mapping(
        {
            "short_name": text("Short name of the organization to which the file belongs", 60),
            "name": text("Name of the organization", 200),
            "time_zone": text(
                "IANA name, such as Europe/Berlin. Used for new customers, and in mails to people who have not chosen a"
                " time zone",
                64,
            ),
            **REPORT_SETTINGS,
            "schedule": text(
                "Default schedule of customers: off, or a text such as daily 02:00 within 120", 250
            ),
            "watch": {
                "enum": ["on", "off"],
                "description": "Whether customers that have not chosen are watched between assessments",
            },
            "retention": retention(
                KINDS_OF_DATA.values(),
                "How long data of customers without a value of their own is kept",
            ),
            "report_schedules": report_schedules(
                {"label": text("Customers; missing: all", 100)}, [*REPORT_KINDS, PORTFOLIO]
            ),
            "ticket_systems": ticket_systems(),
            "ticket_rules": ticket_rules(),
            "people": people(sorted(map(str, ORGANIZATION_ROLES))),
        },
        required=("short_name",),
    )
