"""Verdicts, judgements and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from assessments.estate.gaps import Gap, Reason
from assessments.estate.view import View


class Outcome(StrEnum):
    """What the engine says. UNKNOWN is never a pass."""

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
    """What a control says of one subject.

    `reason` is a sentence; `observed` JSON of what was found (the exception's hash binds to it);
    `remarks` are the catalogue's warnings: the verdict stands, they are listed. `unknown_because`
    is set for UNKNOWN alone, `gap` where a failed request caused it.
    """

    outcome: Outcome
    reason: str
    observed: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    unknown_because: Reason | None = None
    gap: Gap | None = None


def passed(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """The rule holds; a remark is a warning that does not change that."""
    return Verdict(Outcome.PASS, reason, observed, tuple(remarks))


def failed(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """The rule does not hold."""
    return Verdict(Outcome.FAIL, reason, observed, tuple(remarks))


def not_applicable(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """Nothing here that the rule could judge."""
    return Verdict(Outcome.NOT_APPLICABLE, reason, observed, tuple(remarks))


def manual(reason: str, *, remarks: tuple[str, ...] | list[str] = (), **observed: Any) -> Verdict:
    """Only a person can answer; `observed` holds the partial checks."""
    return Verdict(Outcome.MANUAL, reason, observed, tuple(remarks))


def unknown(
    reason: str,
    because: Reason,
    *,
    gap: Gap | None = None,
    remarks: tuple[str, ...] | list[str] = (),
    **observed: Any,
) -> Verdict:
    """Could not be decided, and why."""
    return Verdict(Outcome.UNKNOWN, reason, observed, tuple(remarks), because, gap)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on a subject, with the documents it rests on."""

    subject: str
    verdict: Verdict
    evidence: tuple[View, ...] = ()
