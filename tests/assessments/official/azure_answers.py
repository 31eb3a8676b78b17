"""Surprising facts about Azure's answers, and the cases and tests that check how Surety judges these answers.

Each row states one fact about Azure and what follows from it. `topic` is the problem that Microsoft's example bodies or
recorded errors revealed: a wrong verdict (1 to 16), a doubtful request (R1, R2, …), a wrong command (C1, C2, …) or a
wrong reference to a framework (F1, F2). `source` is the document, issue or specification that states the fact.

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
