"""The verdicts on Microsoft's example bodies, as `OFFICIAL_VERDICTS` of the cases modules list them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from types import ModuleType

from tests.assessments.controls.cases import modules, path_of, with_most_cases


@cache
def rows() -> tuple[tuple[str, str, str, str], ...]:
    """Return (control, subject, outcome, comment) of each verdict. Raise ValueError as `read` does."""
    return tuple(read(modules()))


def read(modules: Iterable[ModuleType]) -> Iterator[tuple[str, str, str, str]]:
    """Yield (control, subject, outcome, comment) for each verdict that these modules list.

    Raise ValueError if a verdict is listed twice, or if a module lists a verdict of a control for which it has no
    cases.
    """
    seen = set()
    for module in modules:
        with_cases = {case.slug for case in module.CASES}
        for line in getattr(module, "OFFICIAL_VERDICTS", "").strip().splitlines():
            row, _, comment = line.partition("  # ")
            head, _, subjects = row.partition(": ")
            slug, outcome = head.split()
            if slug not in with_cases:
                raise ValueError(
                    f"{path_of(module)} has a verdict of {slug} but no cases of this control: {line}"
                )
            for subject in subjects.split():
                if (slug, subject) in seen:
                    raise ValueError(
                        f"{path_of(module)}: {slug} has two verdicts on {subject}; remove one: {line}"
                    )
                seen.add((slug, subject))
                yield slug, subject, outcome, comment


def expected() -> dict[tuple[str, str], str]:
    return {(slug, subject): outcome for slug, subject, outcome, _ in rows()}


def undecidable() -> set[tuple[str, str]]:
    """Return (control, subject) of the verdicts that even a person cannot decide."""
    return {(slug, subject) for slug, subject, outcome, _ in rows() if outcome == "unknown"}


def as_lines(verdicts: Iterable[tuple[tuple[str, str], str]]) -> str:
    """Return lines of `OFFICIAL_VERDICTS`, grouped by cases module. The first line of a group is the module's path."""
    by_module: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for (slug, subject), outcome in verdicts:
        by_module[path_of(with_most_cases(slug))].append((slug, outcome, subject))
    lines = []
    for path, found in sorted(by_module.items()):
        lines.append(f"{path}:")
        for (slug, outcome), same in groupby(sorted(found), key=lambda row: row[:2]):
            lines.append(f"{slug} {outcome}: {' '.join(subject for _, _, subject in same)}")
    return "\n".join(lines)
