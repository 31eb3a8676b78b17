"""Declare the entries of the navigation, one for each page. The sidebar (“rail”), the command palette, the menus and
the lists of settings all use these entries.

The `urls` module of each area declares to which entry each URL belongs. So the navigation can mark the current entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenants.roles import Capability


class Area(StrEnum):
    """The part of the navigation that lists an entry."""

    EVERYWHERE = "everywhere"  # the first list of the sidebar
    CUSTOMER = "customer"  # the sidebar's list for the tenant in view
    SETTINGS = "settings"  # the settings page of the tenant in view
    ORGANIZATION = "organization"  # the sidebar's list for the organization in view
    ACCOUNT = "account"  # the signed-in person's menu


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation. The entry is hidden from people who do not have the right `needs`. The view of the
    page checks this right itself.

    `query` opens the page with a filter. `description` is the tooltip in the list of settings. The key g, followed by
    `key`, opens the page. The bottom bar of phones shows four of the pages that the person may open: those with the
    lowest `on_phone` above 0. All other pages are under “More”.
    """

    label: str
    icon: str
    url_name: str
    area: Area
    needs: Capability | None = None
    query: str = ""
    description: str = ""
    key: str = ""
    on_phone: int = 0


PORTFOLIO: Final = Page("Portfolio", "portfolio", "portfolio", Area.EVERYWHERE, key="p", on_phone=1)
INBOX: Final = Page("Inbox", "inbox", "inbox", Area.EVERYWHERE, Capability.APPROVE, key="i", on_phone=3)
ALL_FINDINGS: Final = Page(
    "All findings",
    "findings",
    "all-findings",
    Area.EVERYWHERE,
    Capability.VIEW_ALL,
    query="?state=open",
    key="a",
    on_phone=6,
)
ALL_RESOURCES: Final = Page(
    "All resources", "resource", "all-resources", Area.EVERYWHERE, Capability.VIEW_ALL, key="b"
)
WORKLOAD: Final = Page("Who does what", "people", "workload", Area.EVERYWHERE, Capability.VIEW_ALL, key="w")
MY_FINDINGS: Final = Page("My findings", "person", "my", Area.EVERYWHERE, key="m", on_phone=7)
CONTROLS: Final = Page("Controls", "controls", "controls", Area.EVERYWHERE, key="c", on_phone=8)
VERIFY: Final = Page("Verify", "verify", "verify", Area.EVERYWHERE, key="v", on_phone=9)

OVERVIEW: Final = Page("Overview", "overview", "tenant", Area.CUSTOMER, key="o")
FINDINGS: Final = Page(
    "Findings", "findings", "findings", Area.CUSTOMER, query="?state=open", key="f", on_phone=2
)
INVENTORY: Final = Page("Inventory", "resource", "inventory", Area.CUSTOMER, Capability.VIEW_ALL, key="y")
CHANGES: Final = Page("Changes", "changes", "resource-changes", Area.CUSTOMER, Capability.VIEW_ALL, key="h")
CUSTOMER_WORKLOAD: Final = Page(
    "Owners", "people", "tenant-workload", Area.CUSTOMER, Capability.VIEW_ALL, key="l"
)
EXCEPTIONS: Final = Page("Exceptions", "exceptions", "exceptions", Area.CUSTOMER, key="e", on_phone=5)
ATTESTATIONS: Final = Page("Attestations", "attestations", "attestations", Area.CUSTOMER, key="t")
SCANS: Final = Page("Vulnerability scans", "search", "scans", Area.CUSTOMER, Capability.VIEW_ALL, key="z")
FRAMEWORKS: Final = Page(
    "Frameworks", "controls", "tenant-frameworks", Area.CUSTOMER, Capability.VIEW_ALL, key="u"
)
ASSESSMENTS: Final = Page("Assessments", "assessments", "assessments", Area.CUSTOMER, key="n")
BULK_JOBS: Final = Page("Bulk jobs", "tick", "bulk-jobs", Area.CUSTOMER, key="k")
REPORTS: Final = Page(
    "Reports", "reports", "reports", Area.CUSTOMER, Capability.READ_REPORTS, key="r", on_phone=4
)
JOURNAL: Final = Page("Journal", "journal", "journal", Area.CUSTOMER, Capability.JOURNAL, key="j")
AUDIT_ROOM: Final = Page("Audit room", "verify", "audit-room", Area.CUSTOMER, Capability.EVIDENCE, key="d")
SETTINGS: Final = Page("Settings", "settings", "tenant-settings", Area.CUSTOMER, Capability.VIEW_ALL, key="s")

POLICY: Final = Page(
    "Policy",
    "clock",
    "policy",
    Area.SETTINGS,
    Capability.ADMINISTER,
    description="name, time zone, labels, due dates and the maximum length of exceptions",
)
SCHEDULE: Final = Page(
    "Schedule",
    "assessments",
    "schedule",
    Area.SETTINGS,
    Capability.ASSESS,
    description="weekdays and times at which assessments start automatically",
)
WATCH: Final = Page(
    "Watch",
    "clock",
    "watch",
    Area.SETTINGS,
    Capability.ASSESS,
    description="changes that are found between assessments",
)
WATCH_RULES: Final = Page(
    "Watch rules",
    "bell",
    "watch-rules",
    Area.SETTINGS,
    Capability.ADMINISTER,
    description="changes in Azure that somebody has to review",
)
PLANNED_CHANGES: Final = Page(
    "Planned changes",
    "clock",
    "planned-changes",
    Area.SETTINGS,
    Capability.ADMINISTER,
    description="time windows and tickets in which changes are expected",
)
REPORT_SCHEDULES: Final = Page(
    "Report schedules",
    "reports",
    "report-schedules",
    Area.SETTINGS,
    Capability.READ_REPORTS,
    description="reports that are built and sent automatically",
)
EXCLUSION_RULES: Final = Page(
    "Exclusion rules",
    "resource",
    "exclusion-rules",
    Area.SETTINGS,
    Capability.ADMINISTER,
    description="subscriptions that are excluded by management group or tag",
)
OWNER_RULES: Final = Page(
    "Owner rules",
    "person",
    "owner-rules",
    Area.SETTINGS,
    Capability.ASSIGN,
    description="owners that are assigned automatically",
)
PARAMETERS: Final = Page(
    "Control parameters",
    "controls",
    "parameters",
    Area.SETTINGS,
    Capability.VIEW_ALL,
    description="the limits that controls apply to this customer",
)
CONTROL_PROFILE: Final = Page(
    "Profile of controls",
    "controls",
    "profile",
    Area.SETTINGS,
    Capability.VIEW_ALL,
    description="the controls to which this customer is held",
)
CHANNELS: Final = Page(
    "Channels",
    "bell",
    "channels",
    Area.SETTINGS,
    Capability.ADMINISTER,
    description="Teams, Slack and webhooks that receive events, and deliveries that failed",
)
CUSTOMER_PEOPLE: Final = Page(
    "People",
    "key",
    "tenant-people",
    Area.SETTINGS,
    Capability.MEMBERS,
    description="who has access to this customer, invitations and roles",
)
LEAVING: Final = Page(
    "Leaving",
    "stopped",
    "leaving",
    Area.SETTINGS,
    Capability.OFFBOARD,
    description="archive, export or erase the customer when it leaves",
)

RETENTION: Final = Page(
    "Retention",
    "clock",
    "retention",
    Area.SETTINGS,
    Capability.RETAIN,
    description="how long data is kept, a preview of what would be deleted, and legal holds",
)

PORTFOLIO_REPORTS: Final = Page(
    "Portfolio reports", "reports", "portfolio-reports", Area.ORGANIZATION, Capability.READ_REPORTS
)
CAMPAIGNS: Final = Page("Campaigns", "clock", "campaigns", Area.ORGANIZATION, Capability.ASSIGN)
BASELINES: Final = Page("Baselines", "settings", "baselines", Area.ORGANIZATION, Capability.ADMINISTER)
IMPORT_CUSTOMERS: Final = Page(
    "Import customers", "plus", "customers-import", Area.ORGANIZATION, Capability.REGISTER
)
ORGANIZATION_SCHEDULE: Final = Page(
    "Schedule", "assessments", "organization-schedule", Area.ORGANIZATION, Capability.ADMINISTER
)
ORGANIZATION_GENERAL: Final = Page(
    "General",
    "settings",
    "organization-general",
    Area.ORGANIZATION,
    Capability.ORGANIZATION,
    description="name and default time zone of the organization",
)
REPORT_SETTINGS: Final = Page(
    "Report settings", "reports", "organization-reports", Area.ORGANIZATION, Capability.ADMINISTER
)
REPORT_BRANDING: Final = Page(
    "Report branding",
    "reports",
    "organization-report-branding",
    Area.ORGANIZATION,
    Capability.ADMINISTER,
    description="logo, colour, name, contact and cover text of reports",
)
ORGANIZATION_REPORT_SCHEDULES: Final = Page(
    "Report schedules", "reports", "organization-report-schedules", Area.ORGANIZATION, Capability.ADMINISTER
)
OWN_CONTROLS: Final = Page(
    "Own controls",
    "controls",
    "own-controls",
    Area.ORGANIZATION,
    Capability.ADMINISTER,
    description="controls that the organization writes itself",
)
TICKETS: Final = Page(
    "Tickets",
    "note",
    "tickets",
    Area.ORGANIZATION,
    Capability.ORGANIZATION,
    description="tickets for failing findings in Jira, GitHub and other systems",
)
PEOPLE: Final = Page("People", "person", "organization-people", Area.ORGANIZATION, Capability.MEMBERS)
ROLES: Final = Page("Roles", "key", "organization-roles", Area.ORGANIZATION, Capability.MEMBERS)
ACCESS_REVIEW: Final = Page("Access review", "tick", "access-review", Area.ORGANIZATION, Capability.MEMBERS)
ORGANIZATION_JOURNAL: Final = Page(
    "Journal", "journal", "organization-journal", Area.ORGANIZATION, Capability.ORGANIZATION
)
ORGANIZATION_RETENTION: Final = Page(
    "Retention", "clock", "organization-retention", Area.ORGANIZATION, Capability.RETAIN
)
SIGN_IN: Final = Page("Sign-in", "key", "organization-sign-in", Area.ORGANIZATION, Capability.ORGANIZATION)
ORGANIZATION_API_TOKENS: Final = Page(
    "API tokens", "key", "organization-api-tokens", Area.ORGANIZATION, Capability.ORGANIZATION
)
SERVICE_ACCOUNTS: Final = Page(
    "Service accounts", "key", "service-accounts", Area.ORGANIZATION, Capability.ORGANIZATION
)
CONFIGURATION: Final = Page(
    "Configuration file", "download", "configuration", Area.ORGANIZATION, Capability.ORGANIZATION
)
ERASURES: Final = Page("Erasures", "stopped", "erasures", Area.ORGANIZATION, Capability.OFFBOARD)
FOREIGN_SUBSCRIPTIONS: Final = Page(
    "Other directories", "resource", "foreign-subscriptions", Area.ORGANIZATION, Capability.ADMINISTER
)
LIGHTHOUSE: Final = Page(
    "Azure Lighthouse",
    "resource",
    "lighthouse",
    Area.ORGANIZATION,
    Capability.ORGANIZATION,
    description="your own service principals, and the subscriptions that customers delegate to your directory",
)
REGISTER_CUSTOMER: Final = Page(
    "Register customer", "plus", "customer-register", Area.ORGANIZATION, Capability.REGISTER
)

PROFILE: Final = Page("Profile", "person", "account-profile", Area.ACCOUNT)
EMAIL_NOTIFICATIONS: Final = Page("Email notifications", "bell", "preferences", Area.ACCOUNT)
EMAIL_ADDRESS: Final = Page("Email address", "mail", "account_email", Area.ACCOUNT)
PASSWORD: Final = Page("Password", "key", "account_change_password", Area.ACCOUNT)
SECOND_FACTOR: Final = Page("Second factor", "verify", "mfa_index", Area.ACCOUNT)
SINGLE_SIGN_ON: Final = Page("Single sign-on", "key", "socialaccount_connections", Area.ACCOUNT)
SESSIONS: Final = Page("Sessions", "display", "account-sessions", Area.ACCOUNT)
API_TOKENS: Final = Page("API tokens", "key", "account-api-tokens", Area.ACCOUNT)

# All entries that are declared above, in the order of their declaration.
PAGES: Final = tuple(page for page in list(globals().values()) if isinstance(page, Page))
# The name of the attribute that the callback of a URL pattern gets from `portal.web.frame.addresses`. The value of the
# attribute is the `Page` to which the URL belongs.
PAGE_ATTRIBUTE: Final = "navigation_page"
