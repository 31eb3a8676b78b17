"""Verdicts, judgements and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assessments.estate.gaps import Gap, Reason
from assessments.estate.view import View


class Outcome(StrEnum):
    """The outcome of a verdict. UNKNOWN means that the control could not decide."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a failure matters."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a control for one subject.

    `reason` is a sentence for people. `observed` has the values that the control found, as JSON; approved exceptions
    are bound to the hash of `observed`. `remarks` do not change the outcome. `unknown_because` is set only if the
    outcome is UNKNOWN. `gap` is set only if a failed request made the outcome UNKNOWN.
    """

    outcome: Outcome
    reason: str
    observed: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    unknown_because: Reason | None = None
    gap: Gap | None = None


def passed(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    return Verdict(Outcome.PASS, reason, observed, tuple(remarks))


def failed(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    return Verdict(Outcome.FAIL, reason, observed, tuple(remarks))


def not_applicable(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """Return a not-applicable verdict: the control does not apply to the subject."""
    return Verdict(Outcome.NOT_APPLICABLE, reason, observed, tuple(remarks))


def manual(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """Return a manual verdict: the control needs the answer of a person. `observed` has the results of automatic
    checks.
    """
    return Verdict(Outcome.MANUAL, reason, observed, tuple(remarks))


def unknown(
    reason: str,
    because: Reason,
    *,
    gap: Gap | None = None,
    remarks: tuple[str, ...] | list[str] = (),
    **observed: Any,
) -> Verdict:
    """Return an unknown verdict, with the reason why the control could not decide."""
    return Verdict(Outcome.UNKNOWN, reason, observed, tuple(remarks), because, gap)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on a subject, with the documents that support it."""

    subject: str
    verdict: Verdict
    evidence: tuple[View, ...] = ()
