"""Requests with each bulk action, for the tests of the API, of the page of a job and of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

_TODAY: Final = timezone.now().date()
_DAY: Final = _TODAY + timedelta(days=30)
_LAST_SECOND: Final = datetime.combine(_DAY, time(23, 59, 59)).astimezone().isoformat()


@dataclass(frozen=True, slots=True)
class Case:
    """A request with a bulk action.

    - `values`: the fields of the request besides its filter
    - `words`: the same values as arguments of `surety bulk ACTION CUSTOMER`, which sends `values`
    - `shown`: texts that the page of the job shows
    - `verdict`: a verdict of findings that the action changes
    """

    action: str
    words: Sequence[str]
    values: Mapping[str, Any]
    shown: Sequence[str]
    verdict: str = "fail"

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request: the values, and a filter for findings with the verdict."""
        return {**self.values, "filters": {"verdict": [self.verdict]}}


CASES: Final[Sequence[Case]] = (
    Case(action="claim", words=[], values={}, shown=["New owner"]),
    Case(
        action="assign",
        words=["--to", "owner@example.com"],
        values={"assign": {"email": "owner@example.com"}},
        shown=["New owner", "owner@example.com"],
    ),
    Case(
        action="assign",
        words=["--unassign"],
        values={"assign": {"email": None}},
        shown=["New owner", "None: the findings become unassigned"],
    ),
    Case(
        action="acknowledge",
        words=["--plan", "Clean-up", "--planned-for", "2099-01-31"],
        values={"acknowledge": {"plan": "Clean-up", "planned_for": "2099-01-31"}},
        shown=["Clean-up", "Planned for"],
    ),
    Case(
        action="attest",
        words=["--met", "--statement", "Looked at all of them.", "--valid-until", f"{_DAY}T10:00Z"],
        values={
            "attest": {
                "met": True,
                "statement": "Looked at all of them.",
                "valid_until": f"{_DAY}T10:00:00+00:00",
            }
        },
        shown=["Looked at all of them.", "Valid until"],
        verdict="manual",
    ),
    Case(
        action="attest",
        words=["--not-met", "--statement", "Looked.", "--valid-until", str(_DAY)],
        values={"attest": {"met": False, "statement": "Looked.", "valid_until": _LAST_SECOND}},
        shown=["Not met", "Looked.", "Valid until"],
        verdict="manual",
    ),
    Case(
        action="request-exception",
        words=["--reason", "Needed by the site.", "--ends-at", str(_DAY)],
        values={
            "request_exception": {
                "reason": "Needed by the site.",
                "compensating_control": "",
                "ends_at": _LAST_SECOND,
            }
        },
        shown=["Needed by the site.", "Ends"],
    ),
)


def body_of(action: str) -> dict[str, Any]:
    """Return the body of the first case with this action."""
    return next(case.body for case in CASES if case.action == action)
