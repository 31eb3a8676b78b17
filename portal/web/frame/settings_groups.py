"""Define the groups in which the settings of a customer and of an organization are listed.

Each page of the areas `SETTINGS` and `ORGANIZATION` is in exactly one group. A test checks this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portal.web.frame import navigation as pages
from portal.web.frame.navigation import Page

type Groups = Sequence[tuple[str, Sequence[Page]]]

# The first group contains the page `SETTINGS` itself, because this page shows the customer's connection to Azure.
OF_CUSTOMER: Final[Groups] = (
    ("Access to Azure", (pages.SETTINGS, pages.EXCLUSION_RULES)),
    ("Assessment", (pages.SCHEDULE, pages.WATCH, pages.CONTROL_PROFILE, pages.PARAMETERS)),
    ("Findings and changes", (pages.OWNER_RULES, pages.WATCH_RULES, pages.PLANNED_CHANGES)),
    ("Notifications and reports", (pages.CHANNELS, pages.REPORT_SCHEDULES)),
    ("Customer", (pages.POLICY, pages.CUSTOMER_PEOPLE, pages.RETENTION, pages.LEAVING)),
)

OF_ORGANIZATION: Final[Groups] = (
    (
        "All customers",
        (
            pages.PORTFOLIO_REPORTS,
            pages.CAMPAIGNS,
            pages.BASELINES,
            pages.REGISTER_CUSTOMER,
            pages.IMPORT_CUSTOMERS,
        ),
    ),
    ("Access to Azure", (pages.LIGHTHOUSE, pages.FOREIGN_SUBSCRIPTIONS)),
    ("Assessment", (pages.ORGANIZATION_SCHEDULE, pages.OWN_CONTROLS)),
    (
        "Reports and tickets",
        (
            pages.REPORT_SETTINGS,
            pages.REPORT_BRANDING,
            pages.ORGANIZATION_REPORT_SCHEDULES,
            pages.TICKETS,
        ),
    ),
    (
        "People and access",
        (
            pages.PEOPLE,
            pages.ROLES,
            pages.ACCESS_REVIEW,
            pages.SIGN_IN,
            pages.SERVICE_ACCOUNTS,
            pages.ORGANIZATION_API_TOKENS,
        ),
    ),
    (
        "Organization",
        (
            pages.ORGANIZATION_GENERAL,
            pages.CONFIGURATION,
            pages.ORGANIZATION_JOURNAL,
            pages.ORGANIZATION_RETENTION,
            pages.ERASURES,
        ),
    ),
)
