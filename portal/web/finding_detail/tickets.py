"""Show the tickets of a finding, with the comments that people wrote in the ticket system."""

from __future__ import annotations

from typing import Any

from assessments.models import Finding
from portal.tickets.actions.read_ticket import MAX_COMMENTS
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import Ticket
from portal.tickets.selectors import tickets_of


def ticket_rows(finding: Finding, *, see_all: bool) -> list[dict[str, Any]]:
    """Return the tickets for the template. `see_all` says whether the person sees all findings of the customer."""
    rows = []
    for ticket in tickets_of(finding, see_all=see_all):
        connector = CONNECTORS.get(ticket.kind)
        parts = (
            connector.label if connector else ticket.kind,
            ticket.remote_status,
            "" if ticket.finding_id else "for all findings of this control",
        )
        is_closed = ticket.remote_state == Ticket.Remote.CLOSED
        comments = list(ticket.comments.all())
        rows.append(
            {
                "ticket": ticket,
                "about": [part for part in parts if part],
                "is_open": not is_closed,
                # A person closed the ticket although the finding still fails. Closing a ticket does not change the
                # verdict.
                "closed_too_early": is_closed and ticket.is_wanted,
                "comments": comments,
                "is_cut": len(comments) >= MAX_COMMENTS,
            }
        )
    return rows
