"""The most urgent fact about a customer, for the portfolio page and the portfolio report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from assessments.controls.registry import known_controls
from assessments.estate.quantities import in_days
from assessments.presentation.extent import Extent
from portal.queries.portfolio.customer_figures import CustomerFigures

# A credential that ends within this many days is urgent.
CREDENTIAL_DAYS: Final = 14


def _no_principal(row: CustomerFigures) -> str:
    return "" if row.principals or row.is_delegated else "No service principal"


def _sign_in_refused(row: CustomerFigures) -> str:
    if row.unreachable:
        return "Sign-in refused, nothing can be read"
    return _part("Sign-in refused", len(row.refused), row)


def _credential_expired(row: CustomerFigures) -> str:
    if row.expired and row.expired == len(row.principals) and not row.is_delegated:
        return "Credential expired, nothing can be read"
    return _part("Credential expired", row.expired, row)


def _part(words: str, number: int, row: CustomerFigures) -> str:
    """Return a text such as “Sign-in refused: 1 of 2 service principals”. If `number` is 0, return an empty text."""
    return f"{words}: {number} of {len(row.principals)} service principals" if number else ""


def _overdue_critical(row: CustomerFigures) -> str:
    return f"{row.overdue_critical} critical overdue" if row.overdue_critical else ""


def _open_critical(row: CustomerFigures) -> str:
    if not row.critical:
        return ""
    if not row.worst_controls:
        return f"{row.critical} critical open"
    control, number = row.worst_controls[0]
    problem = known_controls()[control].problem if control in known_controls() else control
    return f"{number} × {problem}" if number > 1 else problem


def _never_assessed(row: CustomerFigures) -> str:
    return "" if row.last else "Registered, not assessed yet"


def _failed(row: CustomerFigures) -> str:
    return "Last assessment failed" if row.status == "failed" else ""


def _unknown(row: CustomerFigures) -> str:
    # The text does not say that data is missing, because verdicts can be unknown for other reasons.
    return f"{row.unknown} unknown verdict{'' if row.unknown == 1 else 's'}" if row.unknown else ""


def _credential_ends(row: CustomerFigures) -> str:
    days = row.credential_days
    if days is None or days > CREDENTIAL_DAYS:
        return ""
    return f"Credential ends in {in_days(days)}"


def _overdue(row: CustomerFigures) -> str:
    return f"{row.overdue} overdue" if row.overdue else ""


def _to_approve(row: CustomerFigures) -> str:
    number = row.exceptions.pending
    return f"{number} undecided exception{'' if number == 1 else 's'}" if number else ""


def _partial(row: CustomerFigures) -> str:
    if row.last is None or row.status not in ("partial", "cut_short", "cancelled"):
        return ""
    extent = Extent.of(row.last)
    what = f"read {extent.read} of {extent.expected} units" if extent.read else "was cancelled"
    return f"Last assessment {what}"


def _running(row: CustomerFigures) -> str:
    return "Assessment running" if row.last is not None and row.last.is_active else ""


def _to_attest(row: CustomerFigures) -> str:
    if not row.to_attest:
        return ""
    return f"{row.to_attest} attestation{'' if row.to_attest == 1 else 's'} to answer"


# {key: function that returns the fact, or an empty text}, the most urgent first. Pages show the first fact that
# applies.
URGENT: Final[Mapping[str, Callable[[CustomerFigures], str]]] = MappingProxyType(
    {
        "no_principal": _no_principal,
        "sign_in_refused": _sign_in_refused,
        "credential_expired": _credential_expired,
        "overdue_critical": _overdue_critical,
        "open_critical": _open_critical,
        "never_assessed": _never_assessed,
        "failed": _failed,
        "unknown": _unknown,
        "credential_ends": _credential_ends,
        "overdue": _overdue,
        "partial": _partial,
        "to_approve": _to_approve,
        "running": _running,
        "to_attest": _to_attest,
    }
)


def most_urgent(row: CustomerFigures) -> tuple[int, str, str] | None:
    """Return (rank, key, text) of the most urgent fact, or None if nothing is urgent. Rank 0 is the most urgent."""
    for rank, (key, find) in enumerate(URGENT.items()):
        if text := find(row):
            return rank, key, text
    return None
