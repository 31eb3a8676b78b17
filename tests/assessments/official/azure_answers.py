"""Surprising facts about Azure's answers, and the cases and tests that check how Surety judges these answers.

Each row states one fact about Azure and what follows from it. `topic` numbers the problems that Microsoft's example
bodies and recorded errors revealed: 1 to 16 are wrong verdicts, R and a number is a doubtful request, C and a number a
command, F and a number a reference to a framework. `source` is the document, issue or specification that states the
fact.

`cases` are cases of controls, as (slug, name, outcome); `tests` are functions of other tests, as (file below `tests`,
name).
"""

from __future__ import annotations

from dataclasses import dataclass

LEARN = "https://learn.microsoft.com"
SPECS = "https://github.com/Azure/azure-rest-api-specs"


@dataclass(frozen=True)
class Row:
    """One fact about Azure, and where it is tested."""

    topic: str
    fact: str
    source: str
    cases: tuple[tuple[str, str, str], ...] = ()
    tests: tuple[tuple[str, str], ...] = ()
