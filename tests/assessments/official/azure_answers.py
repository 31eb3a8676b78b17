"""Facts about Azure's answers that one would not expect, and the cases and tests that check how Surety judges them.

Each row states one fact about Azure and what follows from it. `topic` is the row's place in the list of answers that
were found by running Microsoft's example bodies and recorded errors. The places 1 to 16 are wrong verdicts. The other
places are a letter with a number (R: requests in doubt, C: commands, F: frameworks). `source` is the document, issue or
specification that states the fact.

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
