"""Choose the most urgent fact about a customer, and the next action, for the customer's row in the portfolio."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from portal.queries.portfolio.urgent_facts import URGENT, most_urgent
from portal.treatment.states import ShownState
from portal.web.portfolio.rows import NOTHING_URGENT, Place, Row, Urgent
from tenants.roles import Capability


@dataclass(frozen=True, slots=True)
class _Action:
    """How a page shows an urgent fact about a customer: its colour role, its icon, and a link to what to do.

    `place` returns the page of the link. The text of the link is `action` or, for people without the capability `needs`
    in this customer, `show`.
    """

    role: str
    icon: str
    action: str
    place: Callable[[Row], Place | None]
    needs_attention: bool = True
    needs: Capability | None = None
    show: str = ""


def _settings(row: Row) -> Place:
    return Place("tenant-settings", (row.tenant.slug,))


def _principal(row: Row) -> Place:
    """Return the page of a service principal whose credential Azure refused. If Azure refused no credential, return the
    page of the service principal whose credential expires first.

    If there is no such service principal, or if the person may not change it, return the customer's settings page.
    """
    refused = [one for one in row.principals if one.last_error_code]
    # `row.principals` is sorted by the expiry of the credentials. So the credential that expires first comes directly
    # after the refused credentials.
    found = [*refused, *(one for one in row.principals if one.expires_at)]
    if found and Capability.ADMINISTER in row.rights:
        return Place("service-principal", (row.tenant.slug, found[0].pk))
    return _settings(row)


def _findings(**query: object) -> Callable[[Row], Place]:
    return lambda row: Place("findings", (row.tenant.slug,), query)


def _assessment(row: Row) -> Place | None:
    return Place("assessment", (row.tenant.slug, row.last.pk)) if row.last else None


def _exceptions(row: Row) -> Place:
    return Place("exceptions", (row.tenant.slug,), {"state": ("requested", "returned")})


def _attestations(row: Row) -> Place:
    return Place("attestations", (row.tenant.slug,))


def _connection(
    action: str, place: Callable[[Row], Place] = _settings, role: str = "fail", icon: str = "key"
) -> _Action:
    return _Action(role, icon, action, place, needs=Capability.ADMINISTER, show="Show connection")


# For each kind of urgent fact, such as `overdue_critical`: how the page shows the fact, and which action people should
# take next.
_ACTIONS: Final[Mapping[str, _Action]] = {
    "no_principal": _connection("Set up connection"),
    "sign_in_refused": _connection("Replace credential", _principal),
    "credential_expired": _connection("Replace credential", _principal),
    "overdue_critical": _Action(
        "fail",
        "critical",
        "Fix overdue",
        _findings(due="overdue", severity="critical"),
        needs=Capability.TREAT,
        show="Show overdue",
    ),
    "open_critical": _Action(
        "fail",
        "critical",
        "Fix critical",
        _findings(state=ShownState.OPEN, severity="critical"),
        needs=Capability.TREAT,
        show="Show critical",
    ),
    "never_assessed": _connection("Check permissions", _settings, "unknown", "open"),
    "failed": _Action("fail", "fail", "Show why", _assessment),
    "unknown": _Action("warn", "unknown", "Show unknown", _findings(verdict="unknown")),
    "credential_ends": _connection("Replace credential", _principal, "warn"),
    "overdue": _Action(
        "fail", "clock", "Fix overdue", _findings(due="overdue"), needs=Capability.TREAT, show="Show overdue"
    ),
    "partial": _Action("warn", "partial", "Show why", _assessment),
    "to_approve": _Action(
        "accent", "exceptions", "Review request", _exceptions, needs=Capability.APPROVE, show="Show request"
    ),
    "running": _Action("accent", "running", "Follow", _assessment, needs_attention=False),
    "to_attest": _Action(
        "manual",
        "attestations",
        "Answer",
        _attestations,
        needs_attention=False,
        needs=Capability.ATTEST,
        show="Show questions",
    ),
}


def set_most_urgent(row: Row) -> None:
    """Set the most urgent fact of the customer, its rank, and whether the customer needs attention."""
    found = most_urgent(row)
    if found is None:
        row.rank, row.needs_attention, row.urgent = len(URGENT), False, NOTHING_URGENT
        return
    row.rank, key, text = found
    action = _ACTIONS[key]
    row.needs_attention = action.needs_attention
    may_act = action.needs is None or action.needs in row.rights
    words, place = action.action if may_act else action.show, action.place(row)
    if place is not None and place.page == "findings" and Capability.VIEW_ALL not in row.rights:
        # The number in the text of the fact counts all findings of the customer, but the linked list has only the
        # findings that this person owns.
        words = "Show mine"
    row.urgent = Urgent(action.role, action.icon, text, words, place)
