"""The most urgent fact about a customer, and the next action: one line of the portfolio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assessments.controls.registry import catalogue
from assessments.extent import Extent
from assessments.models import Assessment
from portal.treatment.states import ShownState
from portal.web.portfolio.rows import NOTHING_URGENT, Place, Row, Urgent
from tenants.roles import Capability

# A credential that ends within this many days is urgent.
CREDENTIAL_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fact that may be the most urgent one. `find` returns (text, place) if the fact applies to the row.

    `show` replaces `action` for people whose role does not permit the action in this customer.
    """

    role: str
    icon: str
    action: str
    find: Callable[[Row], tuple[str, Place] | None]
    needs_attention: bool = True
    needs: Capability | None = None
    show: str = ""


def _settings(row: Row) -> Place:
    return Place("tenant-settings", (row.tenant.slug,))


def _findings(row: Row, **query: object) -> Place:
    return Place("findings", (row.tenant.slug,), query)


def _assessment(row: Row, assessment: Assessment) -> Place:
    return Place("assessment", (row.tenant.slug, assessment.pk))


def _no_principal(row: Row) -> tuple[str, Place] | None:
    return None if row.principals else ("No service principal", _settings(row))


def _sign_in_refused(row: Row) -> tuple[str, Place] | None:
    return ("Sign-in refused, nothing can be read", _settings(row)) if row.unreachable else None


def _credential_expired(row: Row) -> tuple[str, Place] | None:
    expired = row.credential_days is not None and row.credential_days < 0
    return ("Credential expired, nothing can be read", _settings(row)) if expired else None


def _overdue_critical(row: Row) -> tuple[str, Place] | None:
    if not row.overdue_critical:
        return None
    return f"{row.overdue_critical} critical overdue", _findings(row, due="overdue", severity="critical")


def _open_critical(row: Row) -> tuple[str, Place] | None:
    if not row.critical:
        return None
    place = _findings(row, state=ShownState.OPEN, severity="critical")
    if not row.worst_controls:
        return f"{row.critical} critical open", place
    control, number = row.worst_controls[0]
    problem = catalogue()[control].problem if control in catalogue() else control
    return (f"{number} × {problem}" if number > 1 else problem), place


def _never_assessed(row: Row) -> tuple[str, Place] | None:
    return None if row.last else ("Registered, not assessed yet", _settings(row))


def _failed(row: Row) -> tuple[str, Place] | None:
    if row.last is None or row.status != "failed":
        return None
    return "Last assessment failed", _assessment(row, row.last)


def _unknown(row: Row) -> tuple[str, Place] | None:
    if not row.unknown:
        return None
    return f"{row.unknown} unknown, could not be read", _findings(row, verdict="unknown")


def _credential_ends(row: Row) -> tuple[str, Place] | None:
    days = row.credential_days
    if days is None or days > CREDENTIAL_DAYS:
        return None
    when = "today" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"
    return f"Credential ends {when}", _settings(row)


def _overdue(row: Row) -> tuple[str, Place] | None:
    return (f"{row.overdue} overdue", _findings(row, due="overdue")) if row.overdue else None


def _to_approve(row: Row) -> tuple[str, Place] | None:
    number = row.exceptions.pending
    if not number:
        return None
    place = Place("exceptions", (row.tenant.slug,), {"state": ("requested", "returned")})
    return f"{number} exception{'' if number == 1 else 's'} to approve", place


def _partial(row: Row) -> tuple[str, Place] | None:
    if row.last is None or row.status not in ("partial", "cut_short", "cancelled"):
        return None
    extent = Extent.of(row.last)
    what = f"read {extent.read} of {extent.expected} units" if extent.read else "was cancelled"
    return f"Last assessment {what}", _assessment(row, row.last)


def _running(row: Row) -> tuple[str, Place] | None:
    if row.last is None or not row.last.is_active:
        return None
    return "Assessment running", _assessment(row, row.last)


def _to_attest(row: Row) -> tuple[str, Place] | None:
    if not row.to_attest:
        return None
    plural = "" if row.to_attest == 1 else "s"
    return f"{row.to_attest} attestation{plural} to answer", Place("attestations", (row.tenant.slug,))


def _connection(
    action: str, find: Callable[[Row], tuple[str, Place] | None], role: str = "fail", icon: str = "key"
) -> _Rule:
    return _Rule(role, icon, action, find, needs=Capability.ADMINISTER, show="Show connection")


# The most urgent rule comes first; the first rule that applies is shown.
_RULES: Final = (
    _connection("Set up connection", _no_principal),
    _connection("Replace credential", _sign_in_refused),
    _connection("Replace credential", _credential_expired),
    _Rule("fail", "critical", "Fix overdue", _overdue_critical, needs=Capability.TREAT, show="Show overdue"),
    _Rule("fail", "critical", "Fix critical", _open_critical, needs=Capability.TREAT, show="Show critical"),
    _connection("Check permissions", _never_assessed, "unknown", "open"),
    _Rule("fail", "fail", "Show why", _failed),
    _Rule("warn", "unknown", "Show what is missing", _unknown),
    _connection("Replace credential", _credential_ends, "warn"),
    _Rule("fail", "clock", "Fix overdue", _overdue, needs=Capability.TREAT, show="Show overdue"),
    _Rule("warn", "partial", "Show why", _partial),
    _Rule(
        "accent", "exceptions", "Review request", _to_approve, needs=Capability.APPROVE, show="Show request"
    ),
    _Rule("accent", "running", "Follow", _running, needs_attention=False),
    _Rule(
        "manual",
        "attestations",
        "Answer",
        _to_attest,
        needs_attention=False,
        needs=Capability.ATTEST,
        show="Show questions",
    ),
)


def set_most_urgent(row: Row) -> None:
    """Set the fact and the rank of the first rule that applies, and whether the customer needs attention."""
    row.rank, row.needs_attention, row.urgent = len(_RULES), False, NOTHING_URGENT
    for rank, rule in enumerate(_RULES):
        if found := rule.find(row):
            row.rank, row.needs_attention = rank, rule.needs_attention
            may_act = rule.needs is None or rule.needs in row.rights
            row.urgent = Urgent(
                rule.role, rule.icon, found[0], rule.action if may_act else rule.show, found[1]
            )
            return
