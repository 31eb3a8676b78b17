"""The table of roles and rights (`tenants.roles`), for the page Roles and for docs/roles.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenants.auditors.review_addresses import SHOWN
from tenants.roles import (
    CAPABILITIES,
    NEEDS_SECOND_ADMINISTRATOR,
    NEVER_OF_SERVICES,
    ORGANIZATION_ROLES,
    SERVICE_ROLES,
    Capability,
    Role,
)

INTRODUCTION: Final = """# Roles

Made by `make docs` from [`tenants/roles.py`](../tenants/roles.py). Each organization shows the same table on its page
**Roles**. People hold roles through memberships, several at once if needed, and have the rights of all of them
together. A change of a membership applies to the next request, including in open sessions. **Name** is how the
[API](api.md), tokens and scopes name a right. The last row is how the API, files and commands name a role.
"""


# {name of a URL pattern in `review_addresses.SHOWN`: title of the page or operation}
_TITLES: Final = {
    "audit-room": "Audit room",
    "reports": "Reports",
    "report": "A report",
    "report-download": "File of a report",
    "report-bundle": "Evidence bundle of a report",
    "assessments": "Assessments",
    "assessment": "An assessment",
    "exceptions": "Exceptions",
    "exceptions-export": "Exceptions as a file",
    "exception": "An exception",
    "attestations": "Attestations",
    "attestations-export": "Attestations as a file",
    "evidence-file": "Evidence file",
    "findings-past": "Findings on a past day",
    "findings-past-csv": "Findings on a past day as CSV",
    "journal": "Journal",
    "journal-entry": "An entry of the journal",
    "journal-verify": "Verification of the journal",
    "journal-csv": "Journal as CSV",
    "journal-chain": "Journal for verification without Surety",
    "portfolio": "Portfolio",
    "home": "Start page",
    "api-reports": "API: reports",
    "api-report": "API: a report",
    "api-report-file": "API: file of a report",
    "api-assessments": "API: assessments",
    "api-assessment": "API: an assessment",
    "api-exceptions": "API: exceptions",
    "api-exception": "API: an exception",
    "api-journal": "API: journal",
    "api-journal-entry": "API: an entry of the journal",
}


@dataclass(frozen=True, slots=True)
class RoleColumn:
    """A role's column in the table of roles.

    - `whole`: whether the role is for a whole organization, not for one customer
    - `confirmed`: whether a second administrator must confirm the role
    - `ends`: whether the role needs an end date
    """

    role: Role
    whole: bool
    confirmed: bool
    ends: bool

    @property
    def place(self) -> str:
        return "organization" if self.whole else "one customer"


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """A row of the table: a right in words, and for each column (role) whether the role has the right."""

    capability: Capability
    held: tuple[bool, ...]

    @property
    def label(self) -> str:
        return f"{self.capability.label[:1].upper()}{self.capability.label[1:]}"


def columns() -> list[RoleColumn]:
    """Return the columns of the table: the roles, in their order."""
    return [
        RoleColumn(role, role in ORGANIZATION_ROLES, role in NEEDS_SECOND_ADMINISTRATOR, role is Role.AUDITOR)
        for role in Role
    ]


def rows() -> list[CapabilityRow]:
    """Return the rows of the table: the capabilities, in their order."""
    return [
        CapabilityRow(capability, tuple(capability in CAPABILITIES[role] for role in Role))
        for capability in Capability
    ]


def _service_accounts() -> str:
    """Return the paragraphs of docs/roles.md about service accounts and about the format of tokens."""
    roles = ", ".join(f"*{role.label}*" for role in SERVICE_ROLES)
    never = ", ".join(f"`{one}`" for one in Capability if one in NEVER_OF_SERVICES)
    return (
        f"\n[Service accounts](api.md#service-accounts) have one of the roles {roles}, without an end date.\n"
        f"They never have the rights {never}.\n\n"
        "An API token begins with `surety_pat_`, an access token with `surety_oat_` and a client secret with\n"
        "`surety_ocs_`, followed by 30 random characters and 6 characters of a checksum, each of `0-9A-Za-z`.\n"
        "The checksum is the CRC-32 of the random characters in base 62."
    )


def _review_periods() -> str:
    """Return the part of docs/roles.md that lists what auditors with a review period may open
    (`tenants.auditors.review_addresses`).
    """
    shown = "\n".join(f"| {_TITLES[address]} | {what} |" for address, what in SHOWN.items())
    return f"""
## Review periods

An auditor can have a **review period**: a first and a last day, both included, in UTC. The period is separate from
the start and end of the access. An auditor without a review period sees all records of the customer.

With a review period, the auditor sees these records of the customer:

- reports about a time in the period; reports about a range of days, if the whole range lies in the review period. A
  report on the newest assessment states the treatments of the day on which it was built, so such a report is shown only
  if it was built before the end of the period;
- assessments that ended in the period;
- exceptions that were undecided or in force at some time in the period, and attestations in force in it, with their
  files. They are shown as they were at the end of the period, also in lists, files and filters by state: later
  decisions, ends, withdrawals, events and comments, findings that joined an exception after the period, and values
  approved after it are not shown;
- findings at the end of any day of the period;
- entries of the journal in the period. A verification covers the hashes of these entries, and of later ones up to a
  head that the auditor enters, and that each entry follows the previous one. Earlier entries are not verified.
  Entries outside of the period and anchored heads are not shown.

All other pages of the customer, also those of single objects, answer “not found” (404). Pages over all customers leave
the customer out. Notices and scheduled reports describe the present, so such an auditor gets no notices and cannot be
a recipient of scheduled reports. A report that was revoked or superseded after the period is
marked as such, because everybody who verifies it learns this. [Service accounts](api.md#service-accounts) have no
review period. If the person also has the role Owner, pages that are refused to auditors show what
owners see. If the person has another role that includes the right `view_all`, the review period has no effect.

These pages and operations show the period to requests that only read (GET and HEAD):

| Page or operation | What it shows of the customer |
| --- | --- |
{shown}

All other pages and operations leave the customer out, for one of these reasons: they show the customer as it is today,
settings or reports of all times, they have actions that auditors may not do, or they need another role. The catalogue
of controls and frameworks and the pages of the person's own account contain no records of customers, so they are
unchanged. [`tenants/auditors/review_addresses.py`](../tenants/auditors/review_addresses.py) lists the addresses that
are not refused."""


def markdown() -> str:
    """Return the text of docs/roles.md."""
    heads = columns()
    lines = [
        INTRODUCTION,
        f"| Right | Name | {' | '.join(head.role.label for head in heads)} |",
        f"| --- | --- |{' :-: |' * len(heads)}",
        *(
            f"| {row.label} | `{row.capability}` | {' | '.join('yes' if held else '' for held in row.held)} |"
            for row in rows()
        ),
        f"| *Held for* | | {' | '.join(head.place for head in heads)} |",
        f"| *Second administrator confirms* | | {' | '.join('yes' if head.confirmed else '' for head in heads)} |",
        f"| *Must have an end date* | | {' | '.join('yes' if head.ends else '' for head in heads)} |",
        f"| *Name in files and commands* | | {' | '.join(f'`{head.role}`' for head in heads)} |",
        _service_accounts(),
        _review_periods(),
    ]
    return "\n".join(lines) + "\n"
