"""Decide whether findings let a pipeline pass.

Failures of a chosen severity or worse stop a pipeline. Unknown verdicts also stop it, unless they are allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from surety_cli.exits import Exit
from surety_client.models import Finding, SeverityEnum, VerdictEnum

SEVERITIES: Final = (SeverityEnum.CRITICAL, SeverityEnum.HIGH, SeverityEnum.MEDIUM, SeverityEnum.LOW)
"""The severities, the highest first."""
STATES: Final = ("open", "acknowledged", "not_met", "unknown")
"""The states in which a finding can stop a pipeline. These are the states of failures without an approved exception,
of manual controls that people answered with “not met”, and of findings with an unknown verdict.
"""


def at_least(severity: str) -> Sequence[SeverityEnum]:
    """Return this severity and all higher severities."""
    return SEVERITIES[: SEVERITIES.index(SeverityEnum(severity)) + 1]


def judge(counted: Iterable[Finding], *, allow_unknown: bool) -> tuple[Exit, str]:
    """Return the exit status for findings whose state is in `STATES`, and a sentence about these findings.

    If there are failures, they decide the exit status. Otherwise, unknown verdicts decide the exit status, unless
    `allow_unknown` is set.
    """
    failing = unknown = 0
    for finding in counted:
        if finding.verdict == VerdictEnum.UNKNOWN:
            unknown += 1
        else:
            failing += 1
    text = f"{_number(failing, 'finding fails', 'findings fail')}, {unknown} could not be checked."
    if failing:
        return Exit.FOUND, text
    if unknown and not allow_unknown:
        return Exit.UNKNOWN, f"{text} --allow-unknown accepts this."
    return Exit.OK, text


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
