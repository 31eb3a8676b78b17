"""Orders and filters of customers by their figures, for the portfolio page and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from portal.queries.portfolio.customer_figures import CustomerFigures
from portal.queries.portfolio.urgent_facts import CREDENTIAL_DAYS

# {reason for attention (a value of the parameter `show`): (label, condition on the customer)}
SHOWN: Final[Mapping[str, tuple[str, Callable[[CustomerFigures], bool]]]] = {
    "critical": ("Open critical findings", lambda row: row.critical > 0),
    "overdue": ("Overdue findings", lambda row: row.overdue > 0),
    "approve": ("Undecided exceptions", lambda row: row.exceptions.pending > 0),
    "unread": ("Cannot be read", lambda row: not row.is_known),
    "credentials": (
        f"Credential ends within {CREDENTIAL_DAYS} days",
        lambda row: row.credential_days is not None and row.credential_days <= CREDENTIAL_DAYS,
    ),
    "unknown": ("Unknown verdicts", lambda row: row.unknown > 0),
}


class FigureOrder(NamedTuple):
    """An order of customers by a figure. `key` returns the sort key of a customer; customers that need attention have
    the smallest keys. `descending` states whether large figures need attention.
    """

    label: str
    key: Callable[[CustomerFigures], Any]
    descending: bool = False


def score_key(row: CustomerFigures) -> float:
    """Return a sort key that puts customers without a score first."""
    return -1.0 if row.score is None else row.score


ORDERS: Final[Mapping[str, FigureOrder]] = {
    "name": FigureOrder("Customer", lambda row: ()),
    "score": FigureOrder("Score", score_key),
    "critical": FigureOrder("Critical", lambda row: -row.critical, descending=True),
    "high": FigureOrder("High", lambda row: -row.high, descending=True),
    "overdue": FigureOrder("Overdue", lambda row: -row.overdue, descending=True),
    "coverage": FigureOrder("Coverage", lambda row: -1.0 if row.coverage is None else row.coverage),
    "assessed": FigureOrder("Assessed", lambda row: row.last_at.timestamp() if row.last_at else 0.0),
}
"""The values of the parameter `sort`. If customers have the same figure, they are in the order of their names."""
