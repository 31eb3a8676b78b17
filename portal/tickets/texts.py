"""Write the texts of tickets and comments. The texts contain no names of people."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from assessments.display.subjects import subject_text
from portal import links
from portal.tickets.connectors.base import Draft
from portal.tickets.matching import failing
from portal.tickets.models import Ticket
from portal.treatment.naming import control_problem, names_for_storing, why_it_matters
from tenants.models import Tenant

MAX_ITEMS: Final = 20
# “No longer judged” includes findings whose control was switched off, whose subscription was excluded, or whose
# resource was deleted.
CLOSED: Final = (
    "Closed by Surety: each finding of this ticket is fixed, has an approved exception, or is no longer"
    " judged."
)
REOPENED: Final = "Reopened by Surety: at least one finding of this ticket fails."
FOLLOWS: Final = (
    "Surety closes this ticket when the findings are fixed, and reopens the ticket if the findings fail"
    " again."
)


def draft_of(ticket: Ticket, tenant: Tenant, now: datetime) -> Draft:
    """Return the content of a ticket. The tenant's scope (`tenants.scope`) must be open."""
    rows = failing(tenant, now).filter(control=ticket.control)
    if ticket.finding_id:
        rows = rows.filter(pk=ticket.finding_id)
    count = rows.count()
    findings = list(rows.order_by("subject_name", "pk")[:MAX_ITEMS])
    names = names_for_storing(tenant, findings)
    items = [_printable(subject_text(one.subject, one.subject_name, names)) for one in findings]
    # The context of a resource can change the severity of a finding, so do not use the severity of the control.
    severity = rows.order_by("severity_rank").values_list("severity", flat=True).first()
    problem = control_problem(ticket.control)
    facts = {"Customer": tenant.name}
    if severity:
        facts["Severity"] = severity
    facts["Control"] = ticket.control
    facts["Findings"] = str(count)
    lines = [line for line in (why_it_matters(ticket.control), FOLLOWS) if line]
    if count > len(items):
        lines.append(
            f"This list contains the first {len(items)} of {count} resources. To see all resources, follow the link to"
            " Surety."
        )
    if ticket.finding_id:
        link = links.finding(tenant.slug, ticket.finding_id)
        title = f"{problem}: {items[0]}" if items else problem
    else:
        link = links.findings(tenant.slug, control=ticket.control)
        title = problem
    return Draft(
        title=_printable(f"[{tenant.name}] {title}")[:250],
        facts=facts,
        lines=lines,
        items=items,
        link=links.absolute(link),
        marker=ticket.marker,
    )


def comment_text(text: str, ticket: Ticket) -> str:
    """Return a comment with the marker, by which Surety recognizes its own comments."""
    return f"{text}\n\nReference: {ticket.marker}"


def _printable(text: str) -> str:
    """Return the text with a space in place of each unprintable character, such as a line break, a control character,
    or a character that changes the direction of text.
    """
    return "".join(one if one.isprintable() else " " for one in text)
