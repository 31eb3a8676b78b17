"""Define ticket systems and rules of an organization, and the tickets of its customers."""

from portal.tickets.models.rule import TicketRule, TicketRuleCustomer
from portal.tickets.models.system import TicketPlace, TicketSystem
from portal.tickets.models.ticket import Ticket, TicketComment, TicketCursor

__all__ = [
    "Ticket",
    "TicketComment",
    "TicketCursor",
    "TicketPlace",
    "TicketRule",
    "TicketRuleCustomer",
    "TicketSystem",
]
