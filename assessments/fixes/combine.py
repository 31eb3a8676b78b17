"""Combines the fixes of several findings of a control into one fix. The combined fix has each step once, with the
commands for all findings. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from assessments.fixes.declare import Fix
from assessments.fixes.facts import Facts
from assessments.fixes.render import BASH, RenderedFix, RenderedStep, common_portal, render, sovereign_cloud

MAX_FINDINGS: Final = 5
"""The maximum number of findings whose commands are combined. The commands of other findings are on the pages of these
findings."""
MAX_LINES: Final = 24
"""The maximum number of lines of commands and sentences. The steps of the first finding are never cut in the middle."""
_WIDTH: Final = 104
_CONTINUATION: Final = re.compile(r" \\\n +")
_COMMAND: Final = re.compile(r"(?:[^\n]* \\\n)*[^\n]*[^\n]")


@dataclass(frozen=True, slots=True)
class CombinedFix:
    """A combined fix. The control has `of` failing findings, and the fix covers `findings` of them. `steps_left_out` is
    the number of steps that were cut because of the limit of lines.
    """

    fix: RenderedFix
    findings: int
    of: int
    steps_left_out: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether the combined fix has all commands of all findings."""
        return self.findings == self.of and not self.steps_left_out


def combine(
    fix: Fix, findings: Sequence[Facts], max_findings: int = MAX_FINDINGS, max_lines: int = MAX_LINES
) -> CombinedFix:
    """Return the steps for as many of the findings as the limits allow. The first finding is always included.

    If a step of the fix is `alone`, the result covers only one finding. If the fix has `join`, the result covers all
    findings.
    """
    if any(step.alone for step in fix.steps):
        max_findings = 1
    if fix.join is not None:
        max_findings = len(findings)  # With `join`, one run of the commands fixes all findings.
    # Leave out a finding if it lacks a value that the commands should take from it. A person could enter such a value
    # only once for all findings, but the value differs per finding.
    complete = (facts for facts in findings if not _lacks_own_value(fix, facts))
    chosen = list(islice(complete, max_findings)) or [findings[0]]
    combined = _together(fix, chosen)
    while fix.join is None and len(chosen) > 1 and _lines(combined.steps) > max_lines:
        chosen.pop()
        combined = _together(fix, chosen)
    shown: list[RenderedStep] = []
    for step in combined.steps:
        if shown and _lines([*shown, step]) > max_lines:
            break
        shown.append(step)
    left_out = len(combined.steps) - len(shown)
    return CombinedFix(replace(combined, steps=tuple(shown)), len(chosen), len(findings), left_out)


def _lacks_own_value(fix: Fix, facts: Facts) -> bool:
    """Return whether the finding lacks a value that the commands should take from it, so that a person must enter the
    value.
    """
    opened = {name for step in render(fix, facts).steps for name in step.open}
    return any(
        variable.is_of_finding and {variable.shell_name, f"${variable.powershell_name}"} & opened
        for variable in fix.variables.values()
    )


def _packed(step: RenderedStep) -> str:
    """Return the text of a step. The commands of a step in Bash are wrapped: each line gets as many options as fit.
    Values never contain a line break.
    """
    if step.language != BASH:
        return step.text
    lines = []
    for command in _COMMAND.findall(step.text):
        first, *options = _CONTINUATION.split(command)
        packed = [first]
        for option in options:
            if len(packed[-1]) + len(option) < _WIDTH:
                packed[-1] += f" {option}"
            else:
                packed.append(f"  {option}")
        lines.append(" \\\n".join(packed))
    return "\n".join(lines)


def _lines(steps: Iterable[RenderedStep]) -> int:
    return sum(bool(step.intro) + (step.text.count("\n") + 1 if step.text else 0) for step in steps)


def _together(fix: Fix, findings: Sequence[Facts]) -> RenderedFix:
    groups: dict[str, list[Facts]] = {}
    for facts in findings:
        # Directories of sovereign clouds get separate commands, because each of them needs its own sign-in. With
        # `join`, all directories get separate commands.
        apart = fix.join is not None or sovereign_cloud(facts)
        groups.setdefault(facts.directory_id() if apart else "", []).append(facts)
    if fix.join is not None:
        groups = {directory: [fix.join(group)] for directory, group in groups.items()}
    assigned: set[str] = set()
    steps = [
        step
        for group in groups.values()
        for step in _merged([render(fix, facts, assigned).steps for facts in group])
    ]
    return RenderedFix(tuple(steps), common_portal(fix, findings), fix.cost, fix.effects)


def _merged(fixes: Iterable[Iterable[RenderedStep]]) -> Iterator[RenderedStep]:
    """Yield the steps of all findings. Steps of different findings are merged if they have the same sentence and
    language.
    """
    merged: dict[tuple[str, str, int], list[RenderedStep]] = {}
    for steps in fixes:
        seen: Counter[tuple[str, str]] = Counter()
        for step in steps:
            kind = (step.intro, step.language)
            merged.setdefault((*kind, seen[kind]), []).append(step)
            seen[kind] += 1
    for (intro, language, _), same in merged.items():
        texts = dict.fromkeys(_packed(step) for step in same)
        opened = dict.fromkeys(name for step in same for name in step.open)
        yield RenderedStep(intro, language, "\n".join(texts), tuple(opened))
