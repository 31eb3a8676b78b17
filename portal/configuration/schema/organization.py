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
    return mapping(
        {
            "short_name": text("Short name of the organization to which the file belongs", 60),
            "name": text("Name of the organization", 200),
            "time_zone": text(
                "IANA name of a time zone, such as Europe/Berlin. Surety uses this time zone for new customers, and"
                " in mails to people who have not chosen a time zone",
                64,
            ),
            **REPORT_SETTINGS,
            "schedule": text(
                "Schedule of assessments for customers without a schedule of their own: off, or a text such as daily"
                " 02:00 within 120",
                250,
            ),
            "watch": {
                "enum": ["on", "off"],
                "description": "Whether changes are watched between assessments, for customers without a setting of"
                " their own",
            },
            "retention": retention(
                KINDS_OF_DATA.values(),
                "How long data is kept for customers without a period of their own",
            ),
            "report_schedules": report_schedules(
                {
                    "label": text(
                        "The schedule applies to customers with this label. Without this key, the schedule applies to"
                        " all customers",
                        100,
                    )
                },
                [*REPORT_KINDS, PORTFOLIO],
            ),
            "ticket_systems": ticket_systems(),
            "ticket_rules": ticket_rules(),
            "people": people(sorted(map(str, ORGANIZATION_ROLES))),
        },
        required=("short_name",),
    )
