"""Combine the fixes of several findings of a control into one fix. The combined fix has each step once, with the
commands for all findings. Pure functions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import batched, islice
from typing import Final

from assessments.fixes.declare import Fix
from assessments.fixes.facts import Facts
from assessments.fixes.render import BASH, RenderedFix, RenderedStep, common_portal, render, sovereign_cloud

MAX_FINDINGS: Final = 5
"""The maximum number of findings whose commands are combined. The commands of further findings are shown only on the
pages of these findings.
"""
MAX_LINES: Final = 24
"""The maximum number of lines of commands and sentences. Each step is shown whole or not at all. The first step is
always shown, even if it has more lines.
"""
# The number of characters of a line of commands on an A4 page. A program that copies text from a PDF puts a line break
# at the end of each printed line. So a longer line would be copied as two commands.
_WIDTH: Final = 103
_CONTINUATION: Final = re.compile(r" \\\n +")
_COMMAND: Final = re.compile(r"(?:[^\n]* \\\n)*[^\n]*[^\n]")
_CMDLET: Final = re.compile(r"[A-Z][A-Za-z]+-[A-Za-z]+ ")
_OPTION_OF_CMDLET: Final = re.compile(r" (?=-[A-Z])")
# A word of Bash or PowerShell. Blanks in quotation marks are part of a word.
_WORD: Final = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""")
# A part of a word of Bash: a text in quotation marks, a variable, an escaped character, or other characters.
_SEGMENT: Final = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\$\{[^}]*\}|\$\w*|\\.|[^\s"'\\$]+""")


@dataclass(frozen=True, slots=True)
class CombinedFix:
    """A combined fix. `of` is the number of failing findings of the control. `findings` is the number of findings
    that the fix covers. `steps_left_out` is the number of steps that were cut because of the limit of lines.
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

    If a step of the fix has `alone`, the result covers only one finding, because a person must act between the commands
    of two findings. If the fix has `join`, the number of findings is not limited, because one run of the commands fixes
    all of them.
    """
    if any(step.alone for step in fix.steps):
        max_findings = 1
    if fix.join is not None:
        max_findings = len(findings)
    # Leave out a finding if it lacks a value that the commands should take from it. A person could enter only one value
    # for all findings, but each finding needs its own value.
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
    """Return whether the finding lacks a value that the commands should take from it. If so, a person must enter the
    value.
    """
    opened = {name for step in render(fix, facts).steps for name in step.open}
    return any(
        variable.is_of_finding and {variable.shell_name, f"${variable.powershell_name}"} & opened
        for variable in fix.variables.values()
    )


def _packed(step: RenderedStep) -> str:
    """Return the text of a step, wrapped so that people can copy the commands from a PDF. Each line gets as many
    options as fit on it. The text can be split at its line breaks, because no value contains a line break.
    """
    if step.language == BASH:
        return "\n".join(map(_wrapped_bash, _COMMAND.findall(step.text)))
    return "\n".join(map(_wrapped_powershell, step.text.split("\n"))) if step.language else step.text


def _wrapped_bash(command: str) -> str:
    if command.startswith("#"):
        return _wrapped_comment(command)
    return _wrapped(_CONTINUATION.split(command), " \\")


def _wrapped_powershell(line: str) -> str:
    if line.startswith("#"):
        return _wrapped_comment(line)
    pieces = _OPTION_OF_CMDLET.split(line)
    # Do not wrap:
    # - short lines
    # - lines that begin with no cmdlet, such as the lines of a JSON document
    # - lines with a piece that begins or ends inside quotation marks
    if len(line) <= _WIDTH or not _CMDLET.match(line) or any(piece.count("'") % 2 for piece in pieces):
        return line
    return _wrapped(pieces, " `")


def _wrapped_comment(line: str) -> str:
    lines = [""]
    for word in line.split(" "):
        first, *others = _parts(word, _WIDTH - 2)
        if lines[-1] and len(lines[-1]) + 1 + len(first) > _WIDTH:
            lines.append(f"# {first}")
        else:
            lines[-1] += f" {first}" if lines[-1] else first
        lines += [f"# {part}" for part in others]
    return "\n".join(lines)


def _wrapped(pieces: Iterable[str], continuation: str) -> str:
    """Return a command that is wrapped to as few lines as possible. A line break is between two pieces, such as two
    options with their values. Only a piece that is too long for a line is wrapped between its words.
    """
    text, column, most = "", 0, _WIDTH - len(continuation)
    for word in _words(pieces, most - 2):
        if column and column + 1 + len(word) <= most:
            text, column = f"{text} {word}", column + 1 + len(word)
            continue
        if column:
            text, column = f"{text}{continuation}\n  ", 2
        parts = _parts(word, most - 2) if continuation == " \\" else [word]
        # Bash reads the parts as one word, because there is no blank before the backslash or after the line break.
        text += "\\\n".join(parts)
        column = len(parts[-1]) if len(parts) > 1 else column + len(word)
    return text


def _words(pieces: Iterable[str], most: int) -> Iterator[str]:
    """Yield each piece whole if it has at most `most` characters. Split a longer piece into its words if they are
    separated by single blanks.
    """
    for piece in pieces:
        words = _WORD.findall(piece)
        if len(piece) <= most or " ".join(words) != piece:
            yield piece
        else:
            yield from words


def _parts(word: str, most: int) -> list[str]:
    """Return the parts of a word of Bash. A word with more than `most` characters, such as the id of a resource, is
    split. Only a text in double quotation marks cannot be split.
    """
    parts = [""]
    for piece in _SEGMENT.findall(word) if len(word) > most else [word]:
        for part in _short(piece, most):
            if parts[-1] and len(parts[-1]) + len(part) > most:
                parts.append("")
            parts[-1] += part
    return parts


def _short(segment: str, most: int) -> Iterator[str]:
    """Yield parts of a segment, each with at most `most` characters if the segment can be broken."""
    if len(segment) > most and segment.startswith("'"):
        yield from (f"'{''.join(part)}'" for part in batched(segment[1:-1], most - 2))
        return
    while len(segment) > most and not segment.startswith('"'):
        end = segment.rfind("/", 1, most) + 1 or most
        yield segment[:end]
        segment = segment[end:]
    yield segment


def _lines(steps: Iterable[RenderedStep]) -> int:
    return sum(bool(step.intro) + (step.text.count("\n") + 1 if step.text else 0) for step in steps)


def _together(fix: Fix, findings: Sequence[Facts]) -> RenderedFix:
    groups: dict[str, list[Facts]] = {}
    for facts in findings:
        # Each directory of a sovereign cloud gets separate commands, because each needs its own sign-in. If the fix has
        # `join`, every directory gets separate commands.
        is_separate = fix.join is not None or sovereign_cloud(facts)
        groups.setdefault(facts.directory_id() if is_separate else "", []).append(facts)
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
