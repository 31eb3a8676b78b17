"""Find the reasons and remarks of controls, by judging the cases of tests/assessments/controls. Reports translate them.

The code of a control contains a reason or remark either as a whole text, or as a template with values. `sentences`
finds the whole texts, so nobody has to list them. `portal.reports.wording.reason_templates` lists the templates.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from assessments.display.text import Fragment, Term

CODE = Path(__file__).resolve().parent.parent / "assessments"


class _Shown(NamedTuple):
    reasons: frozenset[tuple[str, str]]
    words: frozenset[str]
    keys: frozenset[str]


@cache
def _shown() -> _Shown:
    from assessments.display.observed import on_one_line
    from tests.assessments.controls.cases import all_cases

    results = [(case.slug, result) for case in all_cases() for result in case.judge().values()]
    verdicts = [(slug, result.verdict) for slug, result in results]
    return _Shown(
        frozenset((slug, text) for slug, one in verdicts for text in (one.reason, *one.remarks)),
        frozenset(
            str(word)
            for _, one in verdicts
            for word in _terms(on_one_line(one.observed, remarks=one.remarks))
        ),
        frozenset(key for _, result in results for key in result.observed),
    )


def _terms(fragment: Fragment) -> Iterator[Term]:
    """Yield each `Term` in a text: words that Surety, not Azure, wrote."""
    from assessments.display.text import Term, Text

    if isinstance(fragment, Text):
        for part in fragment.fragments:
            yield from _terms(part)
    elif isinstance(fragment, Term):
        yield fragment


def reasons() -> frozenset[tuple[str, str]]:
    """Return the reasons and remarks of all cases, each with the slug of its control."""
    return _shown().reasons


def words() -> frozenset[str]:
    """Return the words (`Term`) that Surety, and not Azure, writes into the observed values of all cases."""
    return _shown().words


@cache
def sentences() -> list[str]:
    """Return the reasons and remarks of all cases that are whole texts in the code or come from `reason_for_none`."""
    from assessments.controls.declare import reason_for_none
    from assessments.estate.collections import ALL

    whole = {reason_for_none(collection) for collection in ALL.values()}
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return sorted({text for _, text in reasons()} & whole)


def keys() -> list[str]:
    """Return the keys of the values that controls observe in cases."""
    # No case has the two keys below. A finding has one of them if its control is outside of the customer's profile or
    # switched off (`assessments.controls.profiles.off_verdict`).
    return sorted(_shown().keys | {"profile", "switched_off_because"})
